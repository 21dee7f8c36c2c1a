//! The command as a user runs it: the built program, providers as shared objects, real peers. Each test says what is on
//! standard output and standard error, and the exit code.

mod bench;
mod c_client;
mod calls;
mod described_calls;
mod failures;
mod fetching;
mod installed;
mod interface_files;
mod listing;
mod serving;
mod usage;
mod wsdl_calls;
mod wsdl_files;
mod wsdl_serving;
