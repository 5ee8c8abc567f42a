# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of the command ipcchan in bash: verbs, options and the channels that there are.
#
# What the command says of itself is offered, as it says it. Names of channels go to nothing
# that expands words, as compgen -W does: anybody may name a channel $(reboot).

# _ipcchan_offer WORD...: to COMPREPLY those that begin with $typed, quoted as $cur is
_ipcchan_offer() {
	local word

	for word in "$@"; do
		[[ $word == "$typed"* ]] || continue
		case $cur in
		\'*) [[ $word != *\'* ]] || continue ;;
		\"*) [[ $word != *[\"\$\`\\!]* ]] || continue ;;
		*) printf -v word %q "$word" ;;
		esac
		COMPREPLY+=("${word#"$before"}")
	done
}

# Sets channels: of those that have a name, and one that its JSON writes as it is, but for
# quotation marks.
_ipcchan_channels() {
	local line

	channels=()
	while IFS= read -r line; do
		line=${line#\"name\":\"}
		line=${line%\"}
		line=${line//\\\"/\"}
		[[ $line == *\\* ]] || channels+=("$line")
	done < <("$command" list --named --json 2>/dev/null |
		LC_ALL=C grep -aoE '"name":"([^"\\]|\\.)*"')
}

# _ipcchan_values VERB OPTION: the words that the option takes, which the command tells when it
# is given none of them
_ipcchan_values() {
	local words

	words=$("$command" "$1" "$2" '?' 2>&1 </dev/null | sed -n 's/.*; give one of: //p')
	IFS=', ' read -r -a words <<<"$words"
	_ipcchan_offer "${words[@]}"
}

# _ipcchan_value VERB OPTION: its value; fails when it takes none that is known
_ipcchan_value() {
	local channels prefix

	case $2 in
	--kind | --slow | --sort) _ipcchan_values "$1" "$2" ;;
	--event)
		# the last of several
		prefix=${cur%"${cur##*,}"}
		typed=${typed##*,}
		_ipcchan_values "$1" "$2"
		COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
		;;
	--channel)
		_ipcchan_channels
		_ipcchan_offer "${channels[@]}"
		;;
	--times) _ipcchan_offer on off ;;
	--user | --owner) mapfile -t COMPREPLY < <(compgen -u -- "$typed") ;;
	-f | --file | --from | -o | --output) compopt -o default 2>/dev/null ;;
	*) return 1 ;;
	esac
}

_ipcchan_options() {
	local options

	mapfile -t options < <("$command" help "$1" 2>/dev/null |
		grep -oE '^ {2,6}(-., )?--[a-z-]+' | grep -oE -e '--[a-z-]+')
	_ipcchan_offer "${options[@]}"
}

# _ipcchan_argument VERB: one that is no option
_ipcchan_argument() {
	local channels numbers

	case $1 in
	show | set | delete | stats | tree | trace | send | recv | call | serve)
		_ipcchan_channels
		_ipcchan_offer "${channels[@]}"
		;;
	claims)
		mapfile -t numbers < <("$command" claims --list 2>/dev/null |
			sed -n 's/^ *\([0-9]*\)\. .*/\1/p')
		_ipcchan_offer "${numbers[@]}"
		;;
	help)
		_ipcchan_verbs
		;;
	esac
}

_ipcchan_verbs() {
	local verbs

	mapfile -t verbs < <("$command" help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
	_ipcchan_offer "${verbs[@]}" help
}

# Sets cur to the word at the cursor: bash takes a colon for the end of one. What it will not
# write again goes to before.
_ipcchan_word() {
	local i=$COMP_CWORD last

	last=${COMP_WORDS[i]} before=''
	[ "$last" != : ] || last='' before=:
	while [ "$i" -gt 1 ] && [[ ${COMP_WORDS[i]} == : || ${COMP_WORDS[i - 1]} == : ]]; do
		i=$((i - 1))
		before=${COMP_WORDS[i]}$before
	done
	[ "$i" -lt "$COMP_CWORD" ] || before=''
	cur=$before$last
}

# Sets option to the word before that at the cursor, "=" apart.
_ipcchan_option() {
	local i=$COMP_CWORD

	option=''
	if [[ $cur == = ]]; then
		cur=''
	elif [[ ${COMP_WORDS[i - 1]} == = ]]; then
		i=$((i - 1))
	fi
	[ "$i" -le 1 ] || option=${COMP_WORDS[i - 1]}
}

_ipcchan() {
	local command=$1 cur before typed verb='' i option

	COMPREPLY=()
	_ipcchan_word
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || break
	done
	[ "$i" -ge "$COMP_CWORD" ] || verb=${COMP_WORDS[i]}
	_ipcchan_option
	typed=${cur#[\'\"]}
	typed=${typed//\\/}
	if [ -z "$verb" ]; then
		case $cur in
		-*) _ipcchan_offer --json --pretty --stats --numeric --help --version ;;
		*) _ipcchan_verbs ;;
		esac
	elif [[ $option == -* ]] && _ipcchan_value "$verb" "$option"; then
		:
	elif [[ $cur == -* ]]; then
		_ipcchan_options "$verb"
	else
		_ipcchan_argument "$verb"
	fi
}

complete -F _ipcchan ipcchan
