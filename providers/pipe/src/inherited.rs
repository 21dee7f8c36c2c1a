//! Descriptors this process inherited, by number.

use std::os::fd::OwnedFd;

use rmix_provider::failure;
use rmix_provider::tables::Err;
use rustix::fs::{Mode, OFlags};

/// Reads `READ,WRITE` and opens both.
///
/// # Errors
/// `FixRequest`: not two numbers, or no such descriptor.
pub(crate) fn open(endpoint: &str, text: &str) -> Result<(OwnedFd, OwnedFd), Err> {
    let wrong = || failure::endpoint(endpoint, "it needs two descriptor numbers: READ,WRITE");
    let (read, write) = text.split_once(',').ok_or_else(wrong)?;
    let read = read.parse::<u32>().map_err(|_| wrong())?;
    let write = write.parse::<u32>().map_err(|_| wrong())?;
    Ok((
        own(endpoint, read, OFlags::RDONLY)?,
        own(endpoint, write, OFlags::WRONLY)?,
    ))
}

/// Standard output becomes the link's alone: what this process prints from now on goes to standard error, not between two
/// messages, and the peer sees the end of the link when it ends, not when the process does.
fn take_standard_output() -> Result<OwnedFd, rustix::io::Errno> {
    let taken = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(taken)
}

/// A descriptor of our own for an inherited one: standard ones are duplicated, others opened anew by their number, which
/// pipes and FIFOs allow.
fn own(endpoint: &str, number: u32, access: OFlags) -> Result<OwnedFd, Err> {
    let opened = match number {
        0 => rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3),
        1 => take_standard_output(),
        2 => rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3),
        _ => {
            let path = format!("/proc/self/fd/{number}");
            rustix::fs::open(path, access | OFlags::CLOEXEC, Mode::empty())
        }
    };
    opened.map_err(|errno| {
        let why = format!("descriptor {number}: {}", failure::text(errno));
        failure::endpoint(endpoint, &why)
    })
}
