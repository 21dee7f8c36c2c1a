//! Rings of processes of the command `harness`: members that are killed, stopped, restarted, or cut down to a
//! minority, cut off or slowed, while others write. The logs of all members, dead ones included, are compared whole.

mod answers;
mod cluster;
mod command;
mod faults;
mod joins;
mod logs;
mod networks;
mod partitions;
