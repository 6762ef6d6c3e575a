#!/bin/sh
# An extcap of Wireshark, written by iggyscope: interfaces that show Iggy's traffic of another
# host, of a pod, or of a file that is still being written. Lay it into the folder that
# Wireshark tells under Help, About, Folders, Personal Extcap path, and make it executable.
#
# Source: Wireshark doc/extcap.4 (man 4 extcap).
set -eu

interface= fifo= host= port=8090 device=any remote=tcpdump namespace=default pod= container=
image=nicolaka/netshoot path= filter=
action=

fail() {
  echo "iggyscope: $1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  option=$1 value=
  case $option in
    --*=*) value=${option#*=} option=${option%%=*} ;;
    --extcap-interfaces | --extcap-dlts | --extcap-config | --capture) ;;
    *) [ $# -gt 1 ] && { value=$2; shift; } ;;
  esac
  shift
  case $option in
    --extcap-interfaces | --extcap-dlts | --extcap-config | --capture) action=$option ;;
    --extcap-interface) interface=$value ;;
    --extcap-capture-filter) filter=$value ;;
    --fifo) fifo=$value ;;
    --host) host=$value ;;
    --port) port=$value ;;
    --device) device=$value ;;
    --remote) remote=$value ;;
    --namespace) namespace=$value ;;
    --pod) pod=$value ;;
    --container) container=$value ;;
    --image) image=$value ;;
    --path) path=$value ;;
    *) ;;
  esac
done

interfaces() {
  echo 'extcap {version=@VERSION@}{display=iggyscope}'
  echo 'interface {value=iggyssh}{display=Iggy on another host: ssh, tcpdump}'
  echo 'interface {value=iggykube}{display=Iggy in a pod: kubectl debug, tcpdump}'
  echo 'interface {value=iggyfile}{display=Iggy in a capture that is still being written}'
}

common() {
  echo 'arg {number=8}{call=--port}{display=Port}{type=integer}{range=1,65535}{default=8090}'
  echo 'arg {number=9}{call=--device}{display=Its interface}{type=string}{default=any}'
}

config() {
  case $interface in
    iggyssh)
      echo 'arg {number=0}{call=--host}{display=Host}{type=string}{required=true}{tooltip=As ssh takes it: user@host, or a name of its config}'
      common
      echo 'arg {number=10}{call=--remote}{display=Program}{type=string}{default=tcpdump}{tooltip=sudo tcpdump, where it needs rights}'
      ;;
    iggykube)
      echo 'arg {number=0}{call=--pod}{display=Pod}{type=string}{required=true}'
      echo 'arg {number=1}{call=--namespace}{display=Namespace}{type=string}{default=default}'
      echo 'arg {number=2}{call=--container}{display=Container}{type=string}'
      echo 'arg {number=3}{call=--image}{display=Image with tcpdump}{type=string}{default=nicolaka/netshoot}'
      common
      ;;
    iggyfile)
      echo 'arg {number=0}{call=--path}{display=Capture}{type=fileselect}{mustexist=true}{required=true}'
      ;;
    *) fail "no interface $interface" ;;
  esac
}

# A word that a shell on the other side takes as it is.
word() {
  case $2 in
    '' | -* | *[!A-Za-z0-9._:@%/-]*) fail "$1 \"$2\" is no plain word" ;;
  esac
}

capture() {
  [ -n "$fifo" ] || fail '--capture needs --fifo'
  [ -z "$filter" ] || fail 'capture filters are not taken: --port says what is captured'
  case $interface in
    iggyfile)
      [ -r "$path" ] || fail "$path cannot be read"
      exec tail -c +1 -f -- "$path" >"$fifo"
      ;;
    iggyssh | iggykube) ;;
    *) fail "no interface $interface" ;;
  esac
  case $port in '' | *[!0-9]*) fail "port \"$port\" is no number" ;; esac
  word interface "$device"
  if [ "$interface" = iggyssh ]; then
    word host "$host"
    case $remote in tcpdump | 'sudo tcpdump' | 'sudo -n tcpdump') ;; *) word program "$remote" ;; esac
    exec ssh -o BatchMode=yes -- "$host" "$remote -i $device -U -s 0 -w - port $port" >"$fifo"
  fi
  word pod "$pod"
  word namespace "$namespace"
  word image "$image"
  [ -z "$container" ] || word container "$container"
  exec kubectl debug -n "$namespace" "$pod" --image="$image" ${container:+--target="$container"} \
    --attach --quiet --profile=netadmin -- \
    tcpdump -i "$device" -U -s 0 -w - port "$port" >"$fifo"
}

case $action in
  --extcap-interfaces) interfaces ;;
  --extcap-dlts) echo 'dlt {number=147}{name=USER0}{display=As the capture says}' ;;
  --extcap-config) config ;;
  --capture) capture ;;
  *) fail 'it is run by Wireshark; sh iggyscope --extcap-interfaces lists its interfaces' ;;
esac
