#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# abusers.sh SECONDS SEED: in the guest, as KTAP: strangers that know nothing of the module,
# each for so long on /dev/ipcchan: stress-ng, and trinity, which is nobody. What that does to
# the kernel is for the checkers.
seconds=$1
seed=$2

# What can be done with a descriptor, of which trinity has some of the device alone, as 64-bit
# and as 32-bit calls
CALLS='read write readv writev pread64 pwrite64 preadv preadv2 pwritev pwritev2 ioctl fcntl
	poll ppoll select epoll_create1 epoll_ctl epoll_wait pipe2 splice tee vmsplice sendfile
	copy_file_range mmap munmap mremap mprotect madvise msync mincore dup dup3 lseek newfstat
	statx fsync fdatasync sync_file_range fadvise64 fallocate ftruncate flock readahead
	fgetxattr fsetxattr io_setup io_submit io_cancel io_destroy'

# result STATUS TEXT: with what was printed, if it is not good
result() {
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" && return
	echo "not ok $number - $2"
	tail -n 30 /tmp/abuser | sed 's/^/# /'
	failed=1
}

run_stress() {
	stress-ng --dev 2 --dev-file /dev/ipcchan --seed "$seed" --timeout "$seconds" \
		--temp-path /tmp --metrics-brief >/tmp/abuser 2>&1
}

# As many calls as it makes in so long on a machine that is not busy; on one that is it takes
# longer.
run_trinity() {
	mkdir -p /tmp/trinity && chmod 777 /tmp/trinity && cd /tmp/trinity || return
	# shellcheck disable=SC2086,SC2046  # words
	timeout -k 30 $((seconds * 10 + 200)) su -s /bin/sh nobody -c "exec trinity -q -C 6 \
		-N $((seconds * 50)) -s $seed -l off -V /dev/ipcchan \
		--enable-fds=pseudo,pipes,epoll $(printf -- '-c %s ' $CALLS)" >/tmp/abuser 2>&1
}

number=0 failed=0
echo 1..3
# One that anybody may send to, and receive from
ipcchan create default --mode 666
run_stress
result $? "stress-ng has run on the device"
sed -n 's/^.*metrc.* dev  */# stress-ng: bogo operations, seconds: /p' /tmp/abuser
run_trinity
status=$?
[ "$status" -eq 0 ] && grep -q '^.main. Ran [1-9]' /tmp/abuser
result $? "trinity has run on the device (status $status)"
sed -n 's/^\[main\] Ran /# trinity: /p' /tmp/abuser
ipcchan show default >/tmp/abuser
result $? "the channel answers"
sed 's/^/# /' /tmp/abuser
# What is queued would keep the module.
ipcchan delete default
exit "$failed"
