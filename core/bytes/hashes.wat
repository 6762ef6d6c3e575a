;; XXH3-64 (seed 0, more than 16 bytes) and CRC-32 (IEEE) of the bytes at $INPUT.
;; hashes.ts puts the secret at 0, the tables of CRC-32 at 1024, and the bytes at 16384;
;; results stand at 256, low word first. `deno task hashes` makes the module of this.
;;
;; Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md; RFC 1952 section 8.
(module
  (memory (export "memory") 2)

  ;; The halves of a product of 128 bits, one upon the other.
  (func $folded (param $a i64) (param $b i64) (result i64)
    (local $al i64) (local $ah i64) (local $bl i64) (local $bh i64)
    (local $middle i64) (local $cross i64)
    (local.set $al (i64.and (local.get $a) (i64.const 0xffffffff)))
    (local.set $ah (i64.shr_u (local.get $a) (i64.const 32)))
    (local.set $bl (i64.and (local.get $b) (i64.const 0xffffffff)))
    (local.set $bh (i64.shr_u (local.get $b) (i64.const 32)))
    (local.set $middle (i64.mul (local.get $ah) (local.get $bl)))
    (local.set $cross
      (i64.add
        (i64.add
          (i64.shr_u (i64.mul (local.get $al) (local.get $bl)) (i64.const 32))
          (i64.and (local.get $middle) (i64.const 0xffffffff)))
        (i64.mul (local.get $al) (local.get $bh))))
    (i64.xor
      (i64.mul (local.get $a) (local.get $b))
      (i64.add
        (i64.add
          (i64.shr_u (local.get $middle) (i64.const 32))
          (i64.shr_u (local.get $cross) (i64.const 32)))
        (i64.mul (local.get $ah) (local.get $bh)))))

  ;; 16 bytes with 16 of the secret.
  (func $mixed (param $at i32) (param $key i32) (result i64)
    (call $folded
      (i64.xor (i64.load (local.get $at)) (i64.load (local.get $key)))
      (i64.xor (i64.load offset=8 (local.get $at)) (i64.load offset=8 (local.get $key)))))

  (func $avalanche (param $sum i64) (result i64)
    (local.set $sum
      (i64.mul
        (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 37)))
        (i64.const 0x165667919e3779f9)))
    (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 32))))

  ;; A stripe of 64 bytes into the eight lanes at 192, two at once.
  (func $stripe (param $at i32) (param $key i32)
    (local $i i32) (local $value v128) (local $keyed v128)
    (loop $pair
      (local.set $value (v128.load (i32.add (local.get $at) (local.get $i))))
      (local.set $keyed
        (v128.xor (local.get $value)
          (v128.load (i32.add (local.get $key) (local.get $i)))))
      (v128.store offset=192 (local.get $i)
        (i64x2.add
          (i64x2.add
            (v128.load offset=192 (local.get $i))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
              (local.get $value) (local.get $value)))
          (i64x2.mul
            (v128.and (local.get $keyed) (v128.const i64x2 0xffffffff 0xffffffff))
            (i64x2.shr_u (local.get $keyed) (i32.const 32)))))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br_if $pair (i32.lt_u (local.get $i) (i32.const 64)))))

  ;; After a block of 16 stripes the lanes are mixed with the end of the secret.
  (func $scramble
    (local $i i32) (local $lane i64)
    (loop $next
      (local.set $lane (i64.load offset=192 (local.get $i)))
      (i64.store offset=192 (local.get $i)
        (i64.mul
          (i64.xor
            (i64.xor (local.get $lane) (i64.shr_u (local.get $lane) (i64.const 47)))
            (i64.load offset=128 (local.get $i)))
          (i64.const 0x9e3779b1)))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 64)))))

  (func $long (param $at i32) (param $length i32) (result i64)
    (local $end i32) (local $n i32) (local $i i32) (local $sum i64)
    (i64.store (i32.const 192) (i64.const 0xc2b2ae3d))
    (i64.store (i32.const 200) (i64.const 0x9e3779b185ebca87))
    (i64.store (i32.const 208) (i64.const 0xc2b2ae3d27d4eb4f))
    (i64.store (i32.const 216) (i64.const 0x165667b19e3779f9))
    (i64.store (i32.const 224) (i64.const 0x85ebca77c2b2ae63))
    (i64.store (i32.const 232) (i64.const 0x85ebca77))
    (i64.store (i32.const 240) (i64.const 0x27d4eb2f165667c5))
    (i64.store (i32.const 248) (i64.const 0x9e3779b1))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    ;; Every stripe that does not reach the end; the last 64 bytes are one of their own.
    (block $done
      (loop $stripes
        (br_if $done
          (i32.ge_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
        (call $stripe (local.get $at) (i32.shl (local.get $n) (i32.const 3)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (if (i32.eq (local.get $n) (i32.const 16))
          (then
            (local.set $n (i32.const 0))
            (call $scramble)))
        (br $stripes)))
    (call $stripe (i32.sub (local.get $end) (i32.const 64)) (i32.const 121))
    (local.set $sum
      (i64.mul (i64.extend_i32_u (local.get $length)) (i64.const 0x9e3779b185ebca87)))
    (loop $pairs
      (local.set $sum
        (i64.add (local.get $sum)
          (call $folded
            (i64.xor (i64.load offset=192 (local.get $i)) (i64.load offset=11 (local.get $i)))
            (i64.xor (i64.load offset=200 (local.get $i))
              (i64.load offset=19 (local.get $i))))))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br_if $pairs (i32.lt_u (local.get $i) (i32.const 64))))
    (call $avalanche (local.get $sum)))

  ;; 17 to 128 bytes: from both ends to the middle.
  (func $medium (param $at i32) (param $length i32) (result i64)
    (local $i i32) (local $sum i64)
    (local.set $sum
      (i64.mul (i64.extend_i32_u (local.get $length)) (i64.const 0x9e3779b185ebca87)))
    (local.set $i (i32.shr_u (i32.sub (local.get $length) (i32.const 1)) (i32.const 5)))
    (loop $next
      (local.set $sum
        (i64.add (local.get $sum)
          (i64.add
            (call $mixed
              (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 4)))
              (i32.shl (local.get $i) (i32.const 5)))
            (call $mixed
              (i32.sub
                (i32.add (local.get $at) (local.get $length))
                (i32.shl (i32.add (local.get $i) (i32.const 1)) (i32.const 4)))
              (i32.add (i32.shl (local.get $i) (i32.const 5)) (i32.const 16))))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br_if $next (i32.ge_s (local.get $i) (i32.const 0))))
    (call $avalanche (local.get $sum)))

  ;; 129 to 240 bytes.
  (func $larger (param $at i32) (param $length i32) (result i64)
    (local $i i32) (local $sum i64)
    (local.set $sum
      (i64.mul (i64.extend_i32_u (local.get $length)) (i64.const 0x9e3779b185ebca87)))
    (loop $first
      (local.set $sum
        (i64.add (local.get $sum)
          (call $mixed (i32.add (local.get $at) (local.get $i)) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br_if $first (i32.lt_u (local.get $i) (i32.const 128))))
    (local.set $sum (call $avalanche (local.get $sum)))
    (block $done
      (loop $rest
        (br_if $done
          (i32.gt_u (i32.add (local.get $i) (i32.const 16)) (local.get $length)))
        (local.set $sum
          (i64.add (local.get $sum)
            (call $mixed (i32.add (local.get $at) (local.get $i))
              (i32.sub (local.get $i) (i32.const 125)))))
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $rest)))
    (call $avalanche
      (i64.add (local.get $sum)
        (call $mixed
          (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 16))
          (i32.const 119)))))

  ;; XXH3-64 of more than 16 bytes.
  (func (export "xxh3") (param $length i32)
    (local $hash i64)
    (if (i32.le_u (local.get $length) (i32.const 128))
      (then (local.set $hash (call $medium (i32.const 16384) (local.get $length))))
      (else
        (if (i32.le_u (local.get $length) (i32.const 240))
          (then (local.set $hash (call $larger (i32.const 16384) (local.get $length))))
          (else (local.set $hash (call $long (i32.const 16384) (local.get $length)))))))
    (i64.store (i32.const 256) (local.get $hash)))

  ;; CRC-32, eight bytes at once by eight tables of 256 words.
  (func (export "crc32") (param $length i32)
    (local $at i32) (local $end i32) (local $crc i32) (local $low i32) (local $high i32)
    (local.set $at (i32.const 16384))
    (local.set $end (i32.add (i32.const 16384) (local.get $length)))
    (local.set $crc (i32.const -1))
    (block $few
      (loop $eight
        (br_if $few (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $end)))
        (local.set $low (i32.xor (local.get $crc) (i32.load (local.get $at))))
        (local.set $high (i32.load offset=4 (local.get $at)))
        (local.set $crc
          (i32.xor
            (i32.xor
              (i32.xor
                (i32.load offset=8192 (i32.shl (i32.and (local.get $low) (i32.const 255)) (i32.const 2)))
                (i32.load offset=7168 (i32.and (i32.shr_u (local.get $low) (i32.const 6)) (i32.const 1020))))
              (i32.xor
                (i32.load offset=6144 (i32.and (i32.shr_u (local.get $low) (i32.const 14)) (i32.const 1020)))
                (i32.load offset=5120 (i32.and (i32.shr_u (local.get $low) (i32.const 22)) (i32.const 1020)))))
            (i32.xor
              (i32.xor
                (i32.load offset=4096 (i32.shl (i32.and (local.get $high) (i32.const 255)) (i32.const 2)))
                (i32.load offset=3072 (i32.and (i32.shr_u (local.get $high) (i32.const 6)) (i32.const 1020))))
              (i32.xor
                (i32.load offset=2048 (i32.and (i32.shr_u (local.get $high) (i32.const 14)) (i32.const 1020)))
                (i32.load offset=1024 (i32.and (i32.shr_u (local.get $high) (i32.const 22)) (i32.const 1020)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $eight)))
    (block $done
      (loop $one
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load offset=1024
              (i32.shl
                (i32.and
                  (i32.xor (local.get $crc) (i32.load8_u (local.get $at)))
                  (i32.const 255))
                (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $one)))
    (i32.store (i32.const 256) (i32.xor (local.get $crc) (i32.const -1)))
    (i32.store (i32.const 260) (i32.const 0))))
