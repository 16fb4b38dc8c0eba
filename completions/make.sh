#!/bin/sh
# Make the shell completions from what `trowel help` and `trowel COMMAND -h` print: make.sh TROWEL DIRECTORY
# shellcheck disable=SC2016 # what is printed is meant for the other shell
set -eu
trowel=$1
out=$2

commands=$("$trowel" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
summary_of() {
	"$trowel" help | sed -n "s/^  $1  *//p"
}
# The commands below a command, if it has any.
parts_of() {
	"$trowel" "$1" -h | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
}
# LETTER|NAME|ARGUMENT|HELP a line; LETTER and ARGUMENT may be empty. Of a command of commands: those of all, once.
options_of() {
	{
		for part in $(parts_of "$1"); do
			"$trowel" "$1" "$part" -h
		done
		"$trowel" "$1" -h
	} | sed -n \
		-e 's/^  -\(.\), --\([a-z0-9-]*\) \([A-Z]*\)  *\(.*\)/\1|\2|\3|\4/p' -e t \
		-e 's/^ *--\([a-z0-9-]*\) \([A-Z]*\)  *\(.*\)/|\1|\2|\3/p' | awk -F '|' '!seen[$2]++'
}
words_of() {
	parts_of "$1" | tr '\n' ' '
	options_of "$1" | while IFS='|' read -r letter name _; do
		printf '%s--%s ' "${letter:+-$letter }" "$name"
	done
}

{
	echo '# bash completion for trowel; made by completions/make.sh'
	echo '_trowel() {'
	echo '	local cur=${COMP_WORDS[COMP_CWORD]} words'
	echo '	if [ "$COMP_CWORD" -eq 1 ]; then'
	echo "		words='$(echo "$commands" | tr '\n' ' ')help --version'"
	echo '	else'
	echo '		case ${COMP_WORDS[1]} in'
	for command in $commands; do
		echo "		$command) words='$(words_of "$command" | sed 's/ $//')' ;;"
	done
	echo "		help) words='$(echo "$commands" | tr '\n' ' ' | sed 's/ $//')' ;;"
	echo '		esac'
	echo '	fi'
	echo '	COMPREPLY=()'
	echo '	if [ "${cur#-}" != "$cur" ] || [ "$COMP_CWORD" -eq 1 ] || [ "${COMP_WORDS[1]}" = help ] || [ "${COMP_WORDS[1]}$COMP_CWORD" = set2 ]; then'
	echo '		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")'
	echo '	fi'
	echo '}'
	echo 'complete -o default -F _trowel trowel'
} >"$out/trowel.bash"

{
	echo '#compdef trowel'
	echo '# zsh completion for trowel; made by completions/make.sh'
	echo 'local -a commands'
	echo 'commands=('
	for command in $commands; do
		echo "	'$command:$(summary_of "$command" | sed "s/'/'\\\\''/g")'"
	done
	echo ')'
	echo 'if ((CURRENT == 2)); then'
	echo '	_describe command commands'
	echo '	return'
	echo 'fi'
	echo 'shift words'
	echo '((CURRENT--))'
	echo 'case $words[1] in'
	for command in $commands; do
		echo "$command)"
		echo "	_arguments '*:file:_files' \\"
		options_of "$command" | while IFS='|' read -r letter name argument help; do
			text=$(echo "$help" | sed "s/'/'\\\\''/g; s/\[/(/g; s/\]/)/g; s/:/ -/g")
			value=${argument:+:$argument:_files}
			[ -z "$letter" ] || echo "		'-${letter}[${text}]${value}' \\"
			echo "		'--${name}[${text}]${value}' \\"
		done
		echo "		;"
		echo "	;;"
	done
	echo 'help) _describe command commands ;;'
	echo 'esac'
} | sed -e '/ \\$/{N;s/ \\\n\t\t;$//;P;D}' >"$out/_trowel"

{
	echo '# fish completion for trowel; made by completions/make.sh'
	for command in $commands; do
		echo "complete -c trowel -n __fish_use_subcommand -a $command -d '$(summary_of "$command")'"
		options_of "$command" | while IFS='|' read -r letter name argument help; do
			text=$(echo "$help" | sed "s/'/\\\\'/g")
			echo "complete -c trowel -n '__fish_seen_subcommand_from $command'${letter:+ -s $letter} -l $name${argument:+ -r} -d '$text'"
		done
	done
} >"$out/trowel.fish"
