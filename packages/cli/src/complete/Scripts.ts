import type { NameKind } from "./Names.ts"

/** Commands that take names, and the kind of them. */
const COMMANDS: Readonly<Partial<Record<NameKind, ReadonlyArray<string>>>> = {
  configs: ["run", "plan", "tune"],
  records: ["show", "card", "report", "compare", "verify", "derive"],
}

/** Flags whose value is a name. */
const FLAGS: Readonly<Partial<Record<NameKind, string>>> = { hosts: "--on", machines: "--host" }

/** Commands of `rigbook host` that take a host's name. */
const OF_HOSTS = ["stop", "remove"]

const cases = (line: (kind: string, names: ReadonlyArray<string>) => string, indent: string): string =>
  Object.entries(COMMANDS)
    .map(([kind, names]) => `${indent}${line(kind, names)}`)
    .join("\n")

const flagCases = Object.entries(FLAGS)
  .map(([kind, flag]) => `    ${flag}) kind=${kind} ;;`)
  .join("\n")

/** Finds what kind of name may stand here, from the words before it: the same in bash and zsh. */
const kindOf = (first: string, second: string, previous: string): string => `
  local kind=""
  case "${previous}" in
${flagCases}
    -*) return ;;
  esac
  if [[ -z "$kind" ]]; then
    case "${first}" in
${cases((kind, names) => `${names.join("|")}) kind=${kind} ;;`, "      ")}
      host) case "${second}" in ${OF_HOSTS.join("|")}) kind=hosts ;; esac ;;
    esac
  fi
  [[ -n "$kind" ]] || return`

const BASH = `
_rigbook--named()
{
  _rigbook "$@"
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  [[ "$cur" == -* ]] && return${kindOf("${COMP_WORDS[1]}", "${COMP_WORDS[2]}", "${COMP_WORDS[COMP_CWORD-1]}")}
  COMPREPLY+=( $(compgen -W "$(rigbook __names "$kind" 2>/dev/null)" -- "$cur") )
}

complete -o default -F _rigbook--named rigbook
`

const ZSH = `
_rigbook--named() {
  local -a typed=("\${words[@]}")
  local at=$CURRENT
  _rigbook "$@"${kindOf("${typed[2]}", "${typed[3]}", "${typed[at-1]}")}
  compadd -- \${(f)"$(rigbook __names "$kind" 2>/dev/null)"}
}

if [[ "\${zsh_eval_context[-1]}" == "loadautofunc" ]]; then
  _rigbook--named "$@"
fi
compdef _rigbook--named rigbook
`

const fishNames = (kind: string): string => `'(rigbook __names ${kind} 2>/dev/null)'`
const FISH = `
${cases((kind, names) => `complete -c rigbook -n '__fish_seen_subcommand_from ${names.join(" ")}' -f -a ${fishNames(kind)}`, "")}
complete -c rigbook -n '__fish_seen_subcommand_from host; and __fish_seen_subcommand_from ${OF_HOSTS.join(" ")}' -f -a ${fishNames("hosts")}
${Object.entries(FLAGS)
  .map(([kind, flag]) => `complete -c rigbook -l ${flag.slice(2)} -r -f -a ${fishNames(kind)}`)
  .join("\n")}
`

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH }

/** What follows the completion script of Effect's command line, so that names are completed too; nothing for other shells. */
export const namesScript = (args: ReadonlyArray<string>): string => {
  const at = args.findIndex((arg) => arg.startsWith("--completions"))
  if (at < 0) return ""
  return SCRIPTS[args[at]!.split("=")[1] ?? args[at + 1] ?? ""] ?? ""
}
