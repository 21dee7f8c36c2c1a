//! The command as a user runs it: the built program, providers as shared objects, real peers. Each test says what is on
//! standard output and standard error, and the exit code.

mod bench;
mod calls;
mod failures;
mod installed;
mod listing;
mod usage;
