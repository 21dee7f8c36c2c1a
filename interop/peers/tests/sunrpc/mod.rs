//! The peers of Sun RPC beside the weather station, each against itself or its like.

mod c_diverse;
mod host_programs;
mod judges;
