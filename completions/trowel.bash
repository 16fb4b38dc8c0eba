# bash completion for trowel; made by completions/make.sh
_trowel() {
	local cur=${COMP_WORDS[COMP_CWORD]} words
	if [ "$COMP_CWORD" -eq 1 ]; then
		words='index info ls cat verify digest set match help --version'
	else
		case ${COMP_WORDS[1]} in
		index) words='-o --output -a --add --resume -s --set --alert -j --jobs -m --memory --no-verify --no-sandbox --case-number --examiner --evidence-id --item-timeout --max-sparse --sector-size -p --progress -q --quiet -h --help' ;;
		info) words='--no-sandbox -h --help' ;;
		ls) words='-p --path -s --state -d --digest-state -i --image -H --hits -l --long -0 --null --json --no-sandbox -h --help' ;;
		cat) words='-i --image --no-sandbox -h --help' ;;
		verify) words='-i --image --no-sandbox -h --help' ;;
		digest) words='--no-sandbox -h --help' ;;
		set) words='import export info lookup diff merge verify -o --output -c --class -f --format --formats --id --name --list-version --mark --map --member --block-size --names --no-properties --unconfirmed --strict --max-rejected -m --memory -q --quiet --force --no-sandbox -h --help -k --kind --odds --json -s --set -l --list' ;;
		match) words='-s --set --alert --examiner --no-sandbox -h --help' ;;
		help) words='index info ls cat verify digest set match' ;;
		esac
	fi
	COMPREPLY=()
	if [ "${cur#-}" != "$cur" ] || [ "$COMP_CWORD" -eq 1 ] || [ "${COMP_WORDS[1]}" = help ] || [ "${COMP_WORDS[1]}$COMP_CWORD" = set2 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	fi
}
complete -o default -F _trowel trowel
