#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The programs that make each allocation and each copy fail once, against all that the
# module can be asked for: what has no test of that kind is found.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

tests=$root/selftests/ipcchan

# What can be asked for, and the tests of it: PROGRAM.TEST of PROGRAM_test.c
sort >"$tmp/table" <<'EOF'
IPCCHAN_IOC_ATTACH nomem.attach nomem_starve.attach nomem.subscribe nomem_place.attach nomem_ioctl.attach nomem_copy_arg.channel
IPCCHAN_IOC_BELL_FD nomem.ears nomem_ioctl.ears nomem_copy_arg.doorbell
IPCCHAN_IOC_CALL nomem.call nomem_ioctl.call nomem_copy_arg.call
IPCCHAN_IOC_FILTER nomem_ioctl.filter nomem_copy_arg.channel
IPCCHAN_IOC_GIVE_BACK nomem_place.give_back nomem_copy_arg.blocks
IPCCHAN_IOC_INFO nomem_ioctl.query_and_info nomem_copy_arg.channel
IPCCHAN_IOC_LOAN nomem_place.loan nomem_copy_arg.blocks
IPCCHAN_IOC_POOL nomem_place.pool nomem_copy_arg.blocks
IPCCHAN_IOC_QUERY nomem_ioctl.query_and_info nomem_copy_arg.channel
IPCCHAN_IOC_RECV nomem.recv nomem_place.recv nomem_ioctl.handover nomem_copy.receive
IPCCHAN_IOC_REPORT nomem_event.corrupt nomem_copy_arg.doorbell
IPCCHAN_IOC_SEND nomem.send nomem_starve.send nomem.send_as_other nomem.send_descriptors nomem.publish nomem_place.send nomem_place.send_to_pool nomem_copy.send
IPCCHAN_IOC_SERVE nomem.serve nomem_ioctl.serve nomem_copy_arg.serve
IPCCHAN_IOC_UNLINK nomem_ioctl.unlink nomem_copy_arg.channel
IPCCHAN_IOC_WAIT nomem_ioctl.doorbell nomem_copy_arg.doorbell
IPCCHAN_IOC_WAKE nomem_ioctl.doorbell nomem_copy_arg.doorbell
IPCCHAN_IOC_WATCH nomem.ears nomem_ioctl.ears nomem_copy_arg.doorbell
FIONREAD nomem_copy.receive
IPCCHAN_EVENT_ATTACHED nomem_event.life
IPCCHAN_EVENT_CHANGED nomem_event.change
IPCCHAN_EVENT_CORRUPT nomem_event.corrupt
IPCCHAN_EVENT_CREATED nomem_event.life
IPCCHAN_EVENT_DELETED nomem_event.life
IPCCHAN_EVENT_DETACHED nomem_event.life
IPCCHAN_EVENT_DRAINED nomem_event.full_and_drained
IPCCHAN_EVENT_FULL nomem_event.full_and_drained
IPCCHAN_EVENT_LAGGING nomem_event.lagging
IPCCHAN_EVENT_PEER_DIED nomem_event.peer_died
IPCCHAN_EVENT_QUOTA nomem_event.quota
ipcchan_nl_buf_dumpit nomem_dump.all
ipcchan_nl_del_doit nomem_netlink.del
ipcchan_nl_ep_dumpit nomem_dump.all nomem_dump.filtered
ipcchan_nl_get_doit nomem_netlink.get
ipcchan_nl_get_dumpit nomem_dump.all nomem_dump.filtered
ipcchan_nl_loan_dumpit nomem_dump.all
ipcchan_nl_new_doit nomem_netlink.new
ipcchan_nl_quota_dumpit nomem_dump.filtered
ipcchan_nl_set_doit nomem_netlink.set
ipcchan_fasync nomem_watch.async
ipcchan_lock nomem_watch.lock
ipcchan_mmap nomem_map.mmap nomem_map.change nomem_map.fork
ipcchan_open nomem_file.opening
ipcchan_poll nomem_watch.poll nomem_watch.epoll
ipcchan_read nomem_file.read nomem_copy.receive
ipcchan_read_iter nomem_file.read nomem_uring.read_and_write nomem_copy.receive
ipcchan_release nomem_file.close nomem_event.peer_died
ipcchan_show_fdinfo nomem_watch.fdinfo
ipcchan_splice_read nomem_file.splice
ipcchan_uring_cmd nomem_uring.commands
ipcchan_write nomem_file.write nomem_file.write_to_default nomem_place.send_to_pool nomem_copy.send
ipcchan_write_iter nomem_file.write nomem_uring.read_and_write nomem_copy.send
ipcchan_buf_fault nomem_map.touch
ipcchan_buf_huge_fault nomem_map.touch
ipcchan_revoke_close nomem_map.change
ipcchan_revoke_fault nomem_map.touch
ipcchan_revoke_open nomem_map.fork
ipcchan_state_sops nomem_watch.state
ipcchan_net_init nomem_load.namespace
ipcchan_init nomem_load.load
module_param nomem_watch.parameter
EOF

# values NAME: of the initialiser of this name in the module
values() {
	sed -n "/ $1\(\[\]\)\? = {/,/^};/s/^\t*\.[a-z_]* = \(ipcchan_[a-z_]*\),$/\1/p" \
		"$root"/kmod/*.c
}

cat "$root"/include/uapi/linux/ipcchan*.h >"$tmp/headers"
cat "$root"/kmod/*.c >"$tmp/kmod"
{
	sed -n 's/^#define \(IPCCHAN_IOC_[A-Z_]*\)\t_IO.*/\1/p' "$tmp/headers"
	sed -n '/^enum ipcchan_event {/,/^}/s/^\t\(IPCCHAN_EVENT_[A-Z_]*\).*/\1/p' "$tmp/headers"
	sed -n 's/^\tcase \(FION[A-Z]*\):$/\1/p' "$tmp/kmod"
	values ipcchan_nl_ops | grep -E '_(doit|dumpit)$'
	# Of the ioctls each is here by itself.
	values ipcchan_fops | grep -v '^ipcchan_ioctl$'
	values 'ipcchan_[a-z_]*_vm_ops'
	values ipcchan_net_ops | grep _init
	sed -n 's/.* seq_operations \([a-z_]*\) = {$/\1/p' "$tmp/kmod"
	sed -n 's/^module_init(\(.*\));$/\1/p' "$tmp/kmod"
	grep -o '^module_param' "$tmp/kmod" | sort -u
} | sort >"$tmp/all"
awk '{ print $1 }' "$tmp/table" >"$tmp/said"
diff "$tmp/all" "$tmp/said" >"$tmp/diff" && [ "$(wc -l <"$tmp/all")" -gt 50 ]
ok $? "all that the module can be asked for is in the table"
sed -n 's/^</# missing:/p; s/^>/# no such thing:/p' "$tmp/diff"

# a netlink command has one of these
commands=$(sed -n '/^enum ipcchan_cmd {/,/^}/s/^\t\(IPCCHAN_CMD_[A-Z_]*\),$/\1/p' "$tmp/headers" |
	grep -vE '_(UNSPEC|EVENT)$')
for command in $commands; do
	grep -q "\.cmd = $command,\$" "$tmp/kmod" || echo "$command"
done >"$tmp/commands"
[ -n "$commands" ] && [ ! -s "$tmp/commands" ]
ok $? "each netlink command has a function"
sed 's/^/# without: /' "$tmp/commands"

# each ioctl: also with memory that ends
awk '/^(IPCCHAN_IOC_|FIONREAD)/ && !/ nomem_copy/ { print $1 }' "$tmp/table" >"$tmp/uncopied"
[ ! -s "$tmp/uncopied" ]
ok $? "each ioctl has a test of its copies"
sed 's/^/# without: /' "$tmp/uncopied"

awk '{ for (i = 2; i <= NF; i++) print $i }' "$tmp/table" | sort -u >"$tmp/named"
for program in "$tests"/nomem*_test.c; do
	name=$(basename "$program" _test.c)
	sed -nE "s/^TEST_F(_TIMEOUT)?\([a-z]*, ([a-z_]*)[,)].*/$name.\2/p" "$program"
done | sort >"$tmp/tests"
diff "$tmp/named" "$tmp/tests" >"$tmp/diff" && [ -s "$tmp/tests" ]
ok $? "each test is there, and in the table"
sed -n 's/^</# no such test:/p; s/^>/# not in the table:/p' "$tmp/diff"

sed 's/\..*/_test/' "$tmp/tests" | sort -u | while read -r program; do
	grep -qE "^TEST_GEN_PROGS .*\<$program\>" "$tests/Makefile" || echo "$program"
done >"$tmp/unbuilt"
[ ! -s "$tmp/unbuilt" ]
ok $? "each program is run"
sed 's/^/# not in the Makefile: /' "$tmp/unbuilt"
done_testing
