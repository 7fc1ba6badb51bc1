#!/bin/sh
# The guest's side of kernel-swap.sh and kernel-crowd.sh: computes in ROUNDS rounds what has one right answer: processes,
# pipes, floating-point numbers in two programs at a time (seq), memory, and compiled programs where there is a compiler.
cd /tmp || exit 1
wrong() {
	echo "round $round: $* is wrong"
	exit 1
}
dd if=/dev/urandom of=data bs=1M count=12 2>/dev/null
data=$(md5sum <data)
cat >program.c <<'END_OF_PROGRAM'
#include <stdio.h>
static unsigned long long power(unsigned long long base, unsigned exponent)
{
	unsigned long long result = 1;
	for (; exponent; exponent >>= 1, base = base * base % 1000003)
		if (exponent & 1)
			result = result * base % 1000003;
	return result;
}
int main(void)
{
	unsigned long long sum = 0;
	for (unsigned i = 0; i < 100000; i++)
		sum += power(i, 1000002);
	printf("%llu\n", sum);
	return 0;
}
END_OF_PROGRAM
round=0
while [ $round -lt "${ROUNDS:-10}" ]; do
	round=$((round + 1))
	/bin/true && ls / | cat >/dev/null || wrong "a process"
	[ "$(seq 1 1000 | md5sum)" = "53d025127ae99ab79e8502aae2d9bea6  -" ] || wrong "a pipe"
	[ "$(md5sum <data)" = "$data" ] || wrong "memory"
	if [ -x /usr/bin/gcc ]; then # Fermat: each power but that of 0 is 1
		gcc -O1 -o program program.c && [ "$(./program)" = 99999 ] || wrong "a compiled program"
	fi
done
echo "$round rounds right"
