/**
 * Completions for shells, made of the table of commands: what stands in help can be completed,
 * and nothing else.
 *
 * @module
 */
import type { CliCommand, NameList, OperandSpec, OptionSpec } from "./command.ts";

/** The shells there are completions for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What may stand as a value: some words, a path, names of the registry, or anything. */
type Values = readonly string[] | "files" | "folders" | "anything" | NameList;

/** The names that a registry has. */
export interface Names {
  /** Paths of fields. */
  readonly fields: readonly string[];
  readonly commands: readonly string[];
}

/** Options that every command has. */
const HELP: readonly [string, OptionSpec] = ["help", {
  short: "h",
  help: "Show this help.",
}];

/** The command that is meant where none is named. */
const DEFAULT = "dissect";

/** The completions for a shell, as a script that it reads. */
export function completionsFor(
  shell: typeof SHELLS[number],
  commands: readonly CliCommand[],
  names: Names,
): string {
  return { bash, zsh, fish }[shell](commands, names);
}

function optionsOf({ options }: CliCommand): (readonly [string, OptionSpec])[] {
  return [...Object.entries(options), HELP];
}

function valuesOf(
  { choices, likely, names, value }: Pick<
    OptionSpec,
    "choices" | "likely" | "names" | "value"
  >,
): Values {
  const words = choices ?? likely ?? names;
  if (words !== undefined) return words;
  if (value === "DIR") return "folders";
  return value === "FILE" || value === "PATH" ? "files" : "anything";
}

function operandValues({ choices, names, name }: OperandSpec): Values {
  return valuesOf({ choices, names, value: name });
}

function isNameList(values: Values): values is NameList {
  return values === "fields" || values === "filter" || values === "commands";
}

/** Text between single quotes of bash and zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function firstSentence(help: string): string {
  return help.replace(/[.;:] .*$/s, "").replace(/\.$/, "");
}

function bash(commands: readonly CliCommand[], lists: Names): string {
  const names = commands.map(({ name }) => name);
  return `# Completions of iggyscope for bash: source <(iggyscope completions bash)
_iggyscope_fields=${quote(lists.fields.join(" "))}
_iggyscope_commands=${quote(lists.commands.join(" "))}
# Paths part by part: up to the next dot behind what is there.
_iggyscope_paths() {
  local head=$1 word=$2 path rest
  local -A parts=()
  for path in $(compgen -W "$_iggyscope_fields" -- "$word"); do
    rest=\${path#"$word"}
    if [[ $rest == *.* ]]; then
      parts[$word\${rest%%.*}.]=1
      compopt -o nospace 2>/dev/null
    else
      parts[$path]=1
    fi
  done
  for path in "\${!parts[@]}"; do COMPREPLY+=("$head$path"); done
}
# The last word of a filter, which may stand in quotes.
_iggyscope_filter() {
  local text=\${1#[\\'\\"]}
  local word=\${text##*[ (!]}
  _iggyscope_paths "\${text%"$word"}" "$word"
}
_iggyscope() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=${DEFAULT} place=0 first=1 i
  COMPREPLY=()
  # --option=value comes in three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
      ${names.join(" | ")})
        command=\${COMP_WORDS[1]}
        first=2
        ;;
    esac
  fi
  # How many arguments stand before, and no option.
  for ((i = first; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] || ((place++))
  done
  if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W ${
    quote(names.join(" "))
  } -- "$cur"; compgen -f -- "$cur")
    return
  fi
  case $command in
${commands.map(bashCommand).join("\n")}
  esac
}
complete -F _iggyscope iggyscope
`;
}

function bashCommand(command: CliCommand): string {
  const options = optionsOf(command);
  const words = options.flatMap(([long, { short }]) =>
    short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`]
  );
  const cases = options.filter(([, { value, alone }]) =>
    value !== undefined && alone === undefined
  ).map(([long, spec]) => {
    const names = spec.short === undefined ? `--${long}` : `--${long} | -${spec.short}`;
    return `        ${names})\n${
      bashValues(valuesOf(spec))
    }          return\n          ;;`;
  });
  const places = command.operands.map((operand, i) => {
    const isLast = i === command.operands.length - 1;
    const values = bashValues(operandValues(operand));
    return `        ${isLast && operand.repeatable ? "*" : i})\n${values}          ;;`;
  });
  return `    ${command.name})
      case $prev in
${cases.join("\n")}
      esac
      if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W ${quote(words.join(" "))} -- "$cur")
        return
      fi
      case $place in
${places.join("\n")}
      esac
      ;;`;
}

function bashValues(values: Values): string {
  const fill = (args: string) =>
    `          mapfile -t COMPREPLY < <(compgen ${args} -- "$cur")\n`;
  if (values === "anything") return "";
  if (values === "fields") return `          _iggyscope_paths "" "$cur"\n`;
  if (values === "filter") return `          _iggyscope_filter "$cur"\n`;
  if (values === "commands") return fill(`-W "$_iggyscope_commands"`);
  if (values === "files") {
    return `          compopt -o filenames 2>/dev/null\n${fill("-f")}`;
  }
  if (values === "folders") {
    return `          compopt -o filenames 2>/dev/null\n${fill("-d")}`;
  }
  return fill(`-W ${quote(values.join(" "))}`);
}

function zsh(commands: readonly CliCommand[], lists: Names): string {
  const named = commands.map(({ name, summary }) =>
    `    ${quote(`${name}:${firstSentence(summary)}`)}`
  );
  const others = commands.filter(({ name }) => name !== DEFAULT);
  const usual = commands.find(({ name }) => name === DEFAULT)!;
  return `#compdef iggyscope
# Completions of iggyscope for zsh: a file _iggyscope in a folder of $fpath, or
# source <(iggyscope completions zsh)
typeset -ga _iggyscope_field_names=(${lists.fields.join(" ")})
typeset -ga _iggyscope_command_names=(${lists.commands.join(" ")})
_iggyscope_fields() { _multi_parts . _iggyscope_field_names }
_iggyscope_commands() { compadd -a _iggyscope_command_names }
# The last word of a filter, which may stand in quotes.
_iggyscope_filter() {
  [[ -n $compstate[quote] ]] && compset -q
  compset -P '*[ (!]'
  _iggyscope_fields
}
_iggyscope() {
  local -a commands
  commands=(
${named.join("\n")}
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    _files
    return
  fi
  local command=$words[2]
  if ((\${commands[(I)$command:*]})); then
    shift words
    ((CURRENT--))
  fi
  case $command in
${others.map((command) => zshCommand(command.name, command)).join("\n")}
${zshCommand("*", usual)}
  esac
}
if [[ $funcstack[1] == _iggyscope ]]; then
  _iggyscope "$@"
elif (( $+functions[compdef] )); then
  compdef _iggyscope iggyscope
fi
`;
}

function zshCommand(pattern: string, command: CliCommand): string {
  const options = optionsOf(command).map(([long, spec]) => zshOption(long, spec));
  const operands = command.operands.map((operand) => {
    const many = operand.repeatable ? "*" : "";
    const optional = operand.optional && !operand.repeatable ? ":" : "";
    const values = zshValues(operandValues(operand));
    return quote(`${many}${optional || ":"}${optional}${operand.name}:${values}`);
  });
  const args = [...options, ...operands].map((arg) => `        ${arg}`).join(" \\\n");
  return `    ${pattern})\n      _arguments -s \\\n${args}\n      ;;`;
}

function zshOption(long: string, spec: OptionSpec): string {
  const { short, value, repeatable, alone } = spec;
  const help = `[${firstSentence(spec.help).replaceAll(/[\\[\]:]/g, "\\$&")}]`;
  const wanted = value === undefined
    ? ""
    : `${alone ? "::" : ":"}${value.replaceAll(":", "\\:")}:${zshValues(valuesOf(spec))}`;
  const equals = value === undefined ? "" : alone ? "=-" : "=";
  if (short === undefined) {
    return quote(`${repeatable ? "*" : ""}--${long}${equals}${help}${wanted}`);
  }
  const letter = value === undefined ? `-${short}` : `-${short}+`;
  const before = repeatable ? "'*'" : quote(`(-${short} --${long})`);
  return `${before}{${letter},--${long}${equals}}${quote(help + wanted)}`;
}

function zshValues(values: Values): string {
  if (values === "files") return "_files";
  if (values === "folders") return "_files -/";
  if (isNameList(values)) return `_iggyscope_${values}`;
  return values === "anything" ? " " : `(${values.join(" ")})`;
}

function fish(commands: readonly CliCommand[], lists: Names): string {
  const names = commands.map(({ name }) => name);
  return `# Completions of iggyscope for fish: iggyscope completions fish | source
function __iggyscope_command
    set -l words (commandline -opc)
    if test (count $words) -gt 1; and contains -- $words[2] ${names.join(" ")}
        echo $words[2]
    else
        echo ${DEFAULT}
    end
end
function __iggyscope_fields
    string split ' ' ${fishQuote(lists.fields.join(" "))}
end
function __iggyscope_commands
    string split ' ' ${fishQuote(lists.commands.join(" "))}
end
# The last word of a filter, which may stand in quotes.
function __iggyscope_filter
    set -l text (string replace -r "^['\\"]" '' -- (commandline -ct))
    set -l before (string replace -r '[^ (!]*$' '' -- $text)
    printf '%s\\n' $before(__iggyscope_fields)
end
function __iggyscope_is
    test (__iggyscope_command) = $argv[1]
end
complete -c iggyscope -f
${commands.map(fishCommand).join("\n")}
`;
}

function fishCommand(command: CliCommand): string {
  const { name, summary, operands } = command;
  const when = `complete -c iggyscope -n '__iggyscope_is ${name}'`;
  const options = optionsOf(command).map(([long, spec]) => {
    const { short, value, alone } = spec;
    const letter = short === undefined ? "" : ` -s ${short}`;
    const values = value === undefined || alone ? "" : fishValues(valuesOf(spec));
    const help = fishQuote(firstSentence(spec.help));
    return `${when}${letter} -l ${long}${values} -d ${help}`;
  });
  const places = operands.map(operandValues);
  const words = places.flatMap((values) => typeof values === "string" ? [] : values);
  const listed = places.filter(isNameList).map((list) => `(__iggyscope_${list})`);
  return [
    `complete -c iggyscope -n __fish_use_subcommand -a ${name} -d ${
      fishQuote(firstSentence(summary))
    }`,
    ...options,
    ...places.includes("files") ? [`${when} -F`] : [],
    ...words.length > 0 ? [`${when} -a ${fishQuote(words.join(" "))}`] : [],
    ...listed.map((list) => `${when} -a ${fishQuote(list)}`),
  ].join("\n");
}

function fishValues(values: Values): string {
  if (values === "files") return " -r -F";
  if (isNameList(values)) return ` -x -a '(__iggyscope_${values})'`;
  if (values === "folders") return " -x -a '(__fish_complete_directories)'";
  return values === "anything" ? " -x" : ` -x -a ${fishQuote(values.join(" "))}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
