/*
 * spin CORE: a busy loop of the idle class on one core, so that the core never halts. It takes no
 * time from anything else, and dies with whoever started it.
 */

#define _GNU_SOURCE

#include "bench.h"

#include <sched.h>

int main(int argc, char **argv)
{
    const struct sched_param none = {0};

    if (argc != 2)
        return 2;
    settle(argv[1]);
    if (sched_setscheduler(0, SCHED_IDLE, &none) < 0)
        fail("SCHED_IDLE");
    for (;;)
        __asm__ volatile("" ::: "memory");
}
