//! What the help says beyond the list of options: formats, exit codes, examples.

pub(crate) const GENERAL: &str = "\
Exit codes:
  0  done
  1  refused, so nothing was done; or the answer is no: a key without a value, a swap that did not fit
  2  usage: the command line, an endpoint or a provider is wrong; nothing was sent
  3  the link failed, or something on this machine; the member is not in the ring, not yet or not any
     more; or it left before the outcome was there
  4  the time was up
After 1 and 2 no change was made, unless it is the exit code of a COMMAND of 'lock'. After 3 and 4 it may or
may not have been, unless the message says that nothing was done: read before it is repeated.

Times (TIME) are written 250ms, 5s or 1m30s: above zero, at most 24h; --join-within from 1ms.

Environment:
  HARNESS_MEMBER      An endpoint of a member, instead of --to
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  HARNESS_LOG         What to log, instead of -v: info, harness=debug, harness::ring=trace, …

Three members by hand, on one machine, each in a terminal of its own:
  harness member --name A --listen msgpack+tcp://127.0.0.1:7001
  harness member --name B --listen msgpack+tcp://127.0.0.1:7002 --join msgpack+tcp://127.0.0.1:7001
  harness member --name C --listen msgpack+tcp://127.0.0.1:7003 --join msgpack+tcp://127.0.0.1:7001
and in a fourth (a member that is started again, A too, is given --join to one that lives):
  export HARNESS_MEMBER=msgpack+tcp://127.0.0.1:7002
  harness submit put colour green
  harness get colour
  harness watch

Whoever reaches an endpoint of a member may change the state and make members leave. Listen on
loopback, Unix sockets, shared memory, or on a network that is trusted.";

pub(crate) const MEMBER: &str = "\
Prints where it listens, then every view, suspicion and loss on standard output, and logs on standard
error. When it is interrupted or terminated, it leaves the ring in order: it waits for a view without it,
as long as that takes (a blocked ring has none), and says what it waits for. A second signal ends it at
once, without leaving; the others take that for a crash.

With --json, one object a line, told apart by \"event\":
  {\"event\":\"listening\", \"name\", \"endpoints\"}
  {\"event\":\"ready\"}                      it takes part and has the state
  {\"event\":\"view\", \"position\", \"digest\", \"epoch\", \"members\", \"joined\", \"left\", \"excluded\"}
  {\"event\":\"delivered\", \"position\", \"digest\", \"origin\", \"bytes\", \"flushed\"}
  {\"event\":\"outcome\", \"number\", \"position\", \"done\"}   of a request that this member was given
  {\"event\":\"loaded\", \"position\", \"digest\", \"bytes\"}   the log starts behind this position
  {\"event\":\"suspected\", \"member\", \"name\", \"reason\"}
  {\"event\":\"retracted\", \"member\", \"name\"}
  {\"event\":\"blocked\", \"why\"}     nothing is delivered until {\"event\":\"unblocked\"}
  {\"event\":\"excluded\", \"why\"}   {\"event\":\"lagged\", \"missed\"}
  {\"event\":\"leaving\", \"waits_for\"}   {\"event\":\"ended\", \"how\"}
Equal positions have equal digests at all members. Opaque values are strings: ids, and a \"digest\" or
\"view\" as 16 hexadecimal digits. Numbers count: bytes, positions from 0, which a program that keeps
numbers as 64-bit floating point holds exactly up to 2^53.

Starting again: a member that has ended comes back with --join to a member that lives, under its own
name; the first one, too, which founded the ring without --join. Without it, it founds a second ring of
the same name, which knows nothing of the first. The state is in memory: it is there as long as one
member of the ring lives.
  harness member --name A --listen msgpack+tcp://127.0.0.1:7001 --join msgpack+tcp://127.0.0.1:7002

Policies:
  quorum    right as a rule. With two members, the first goes on without the second, not the reverse
  majority  of two members neither goes on alone
  survivor  the last one goes on; but a partition, or a member that was only slow, splits the ring into
            two that both go on
  fenced    as survivor, after COMMAND has made sure of it; for pairs with a power switch between them

What is listened on is announced to the others. A member that listens on all addresses says where it is:
  harness member --name A --listen msgpack+tcp://0.0.0.0:7001 --advertise msgpack+tcp://192.0.2.1:7001

Members listen on several endpoints so that those on the same host can use the fastest:
  harness member --name A --listen shm:A --listen msgpack+tcp://192.0.2.1:7001

A ring has at most 1,024 members, all on one host if need be. Each member has a connection to and from
each other one: a member of N needs 2 N open files and some more (ulimit -n), over shm and pipes 4 N.";

pub(crate) const SUBMIT: &str = "\
A key has at most 1,024 bytes, a value at most 131,072 (128 KiB), both values of a swap so many each, all
keys and values together at most 512 MiB; what is longer is refused, with the limit. Linux passes no
argument of more than 131,071 bytes: longer ones fail in the shell.

Returns when the change was applied, at the same place at every member. When the member that was
asked is lost on the way, or --timeout is over (exit codes 3 and 4), the change may or may not have been
made: read, and repeat what is safe to.

Examples:
  harness submit --to msgpack+tcp://127.0.0.1:7001 put colour green
  harness submit swap colour --from green blue
  harness submit swap leader --absent A
  harness submit delete colour

With --json: {\"done\": true, \"position\": N} or {\"done\": false, \"position\": N, \"why\": \"…\"}";

pub(crate) const GET: &str = "\
Examples:
  harness get --to msgpack+tcp://127.0.0.1:7001 colour
  harness get --agreed colour

With --json: {\"value\": \"…\"}, or {\"value\": null} and exit code 1.";

pub(crate) const LOCK: &str = "\
A lock is owned by the member that was asked. Whoever asks first owns it first; what a member owns when
it dies or leaves goes on to the next. Two commands that ask the same member for one lock are one
owner: the second is refused.

Examples:
  harness lock backup -- tar cf /backup/home.tar /home
  harness lock backup && echo mine
  harness lock --release backup
  harness lock --owner backup       the name of the member that owns it; exit code 1 when nobody does

With a COMMAND, its exit code is returned: 127 when there is no such program, 126 when it cannot be run,
128 and the number of the signal when one ended it. SIGINT and SIGTERM are passed on to COMMAND, and the
lock is given back when it has ended; without COMMAND they end the waiting for the lock. When the member
is lost while COMMAND runs, the lock is lost with it: let long work check 'harness lock --owner'.

Waiting is bounded by --within, however short --timeout is. Unless it ends well, the lock is given back,
or not waited for any more. Where nobody knows whether it was, because the member did not answer, that is
said: 'harness lock --release' gives it back.";

pub(crate) const WATCH: &str = "\
Shows the ring as the member sees it, and each member's own position, lag and time-outs; q ends it.
The member that is asked has --timeout to answer; each other member has 2 s, or --timeout if that is less.

With --once, or when standard output is no terminal, one picture is printed as text: then the others have
--timeout, too, and when the member that is asked does not answer, nothing is printed and the exit code is
3 or 4.";

pub(crate) const STATUS: &str = "\
With --json, one object: name, id, standing, blocked, epoch, view, changing, rules, members (name, id,
endpoints, suspected, link), position, digest, waiting, queued, unstable, slowness, counts. Opaque values
are strings: id, and view and digest as 16 hexadecimal digits; numbers count.";

pub(crate) const FORCE_VIEW: &str = "\
For a ring that is blocked because too few members are left. It is taken by the member that would change
the view, which then goes on with whomever it reaches; any other refuses it and names that one, and so
does a member whose ring is not blocked for want of members (exit code 1). It is forgotten when enough
members are heard of again. If another part goes on, too, there are two rings with different states,
which nobody can merge. Be certain that it does not. A member takes this from its own host only, unless
it was started with --remote-admin.";

pub(crate) const LEAVE: &str = "\
The member hands on what it has, leaves the ring, and its process ends; the command waits for that, and
says at once what the member waits for: a view without it, which a ring that is blocked does not get. After
--timeout (10 s) it ends with exit code 4: the member was told, and leaves as soon as it can. A member takes
this from its own host only, unless it was started with --remote-admin.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use crate::arguments::CommandLine;

    /// The long help of a command, with single spaces.
    fn help(command: &str) -> String {
        let mut line = CommandLine::command();
        let command = match command {
            "" => Some(&mut line),
            name => line.find_subcommand_mut(name),
        };
        let text = command.expect("it is there").render_long_help();
        let text = text.to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_scripts_rely_on_is_said() {
        for (command, words) in [
            ("", "above zero, at most 24h"),
            ("", "After 1 and 2 no change was made"),
            ("", "After 3 and 4 it may or may not have been"),
            (
                "get",
                "one step takes longer than this: connecting, and then each call",
            ),
            (
                "force-view",
                "It is taken by the member that would change the view",
            ),
            ("watch", "the exit code is 3 or 4"),
            ("submit", "both values of a swap so many each"),
        ] {
            let help = help(command);
            assert!(help.contains(words), "{words:?} is not in {help}");
        }
    }

    #[test]
    fn lines_fit_a_terminal() {
        use super::*;
        for text in [
            GENERAL, MEMBER, SUBMIT, GET, LOCK, WATCH, STATUS, FORCE_VIEW, LEAVE,
        ] {
            for line in text.lines() {
                assert!(line.chars().count() <= 110, "{line}");
            }
        }
    }
}
