//! Neovim as a peer: the command that starts it on a pair of pipes, and what it is made to run so
//! that it calls back. Whoever speaks MessagePack-RPC starts it; this crate does not.

/// The command line of a Neovim that speaks MessagePack-RPC on its standard input and output, where
/// its end of the channel has the number 1. It reads no configuration, leaves no swap or state
/// file, and ends when its standard input ends.
pub fn nvim_command() -> Vec<String> {
    [
        "nvim",
        "--embed",
        "--headless",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
    ]
    .map(String::from)
    .into()
}

/// What to send as `["nvim_exec_lua", [source, [channel]]]`, so that Neovim calls `latest`, `mean`
/// and `count` and notifies `report` on that channel, and answers with what it got. The text itself
/// says what to expect on the wire.
pub fn nvim_callback_source() -> &'static str {
    include_str!("../nvim/callback.lua")
}
