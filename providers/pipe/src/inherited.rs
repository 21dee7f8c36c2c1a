//! Descriptors this process inherited, by number: taken over, so that they end with the link.

use std::os::fd::OwnedFd;

use rmix_provider::failure;
use rmix_provider::tables::Err;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, PidfdGetfdFlags};

/// Reads `READ,WRITE` and takes both over.
///
/// # Errors
/// `FixRequest`: not two numbers, or no such descriptor that was inherited.
pub(crate) fn open(endpoint: &str, text: &str) -> Result<(OwnedFd, OwnedFd), Err> {
    let wrong = || failure::endpoint(endpoint, "it needs two descriptor numbers: READ,WRITE");
    let (read, write) = text.split_once(',').ok_or_else(wrong)?;
    let read = read.parse::<u32>().map_err(|_| wrong())?;
    let write = write.parse::<u32>().map_err(|_| wrong())?;
    let ends = (
        own(endpoint, read, OFlags::RDONLY)?,
        own(endpoint, write, OFlags::WRONLY)?,
    );
    close(read);
    if write != read {
        close(write);
    }
    Ok(ends)
}

/// Standard output becomes the link's alone: what this process prints from now on goes to standard error, not between two
/// messages, and the peer sees the end of the link when it ends, not when the process does.
fn take_standard_output() -> Result<OwnedFd, Errno> {
    let taken = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(taken)
}

/// A descriptor of our own for an inherited one.
fn own(endpoint: &str, number: u32, access: OFlags) -> Result<OwnedFd, Err> {
    let wrong = |why: &str| failure::endpoint(endpoint, &format!("descriptor {number}: {why}"));
    let opened = match number {
        0 => rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3),
        1 => take_standard_output(),
        2 => rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3),
        _ => match is_inherited(number) {
            None => Err(Errno::BADF),
            Some(false) => {
                return Err(wrong(
                    "it is closed on exec: this process has opened it, and did not inherit it",
                ));
            }
            Some(true) => duplicate(number, access),
        },
    };
    opened.map_err(|errno| match errno {
        Errno::ACCESS => wrong("it is open in the other direction only"),
        errno => wrong(&failure::text(errno)),
    })
}

/// Another descriptor for the same end; where that is not allowed, the pipe or FIFO opened anew. `ACCESS` when the end
/// has the other direction.
fn duplicate(number: u32, access: OFlags) -> Result<OwnedFd, Errno> {
    let raw = i32::try_from(number).map_err(|_| Errno::BADF)?;
    let this = rustix::process::getpid();
    let pidfd = rustix::process::pidfd_open(this, PidfdFlags::empty())?;
    let duplicated = match rustix::process::pidfd_getfd(pidfd, raw, PidfdGetfdFlags::empty()) {
        Err(Errno::PERM | Errno::NOSYS) => {
            let path = format!("/proc/self/fd/{number}");
            let flags = access | OFlags::CLOEXEC | OFlags::NONBLOCK;
            return rustix::fs::open(path, flags, Mode::empty());
        }
        duplicated => duplicated?,
    };
    let found = rustix::fs::fcntl_getfl(&duplicated)? & OFlags::RWMODE;
    if found != access && found != OFlags::RDWR {
        return Err(Errno::ACCESS);
    }
    Ok(duplicated)
}

/// Closes an inherited descriptor that was duplicated; the standard ones stay.
fn close(number: u32) {
    // Asked again, in case another link has taken it over meanwhile, and the number is used for something else.
    if number > 2
        && is_inherited(number) == Some(true)
        && let Ok(raw) = i32::try_from(number)
    {
        // It cannot be closed twice, and a pipe's end has nothing to report.
        let _ = nix::unistd::close(raw);
    }
}

/// Whether an open descriptor stays open on exec, as inherited ones do; `None` when there is no such descriptor.
fn is_inherited(number: u32) -> Option<bool> {
    let told = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).ok()?;
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
    Some(flags & OFlags::CLOEXEC.bits() == 0)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::io::FdFlags;

    use super::*;

    /// Numbers that one test has given up must not be those of another's.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    fn alone() -> MutexGuard<'static, ()> {
        ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The two ends of a pipe, as a program inherits them.
    fn inherited_pipe() -> (OwnedFd, OwnedFd) {
        let ends = rustix::pipe::pipe().unwrap();
        for end in [&ends.0, &ends.1] {
            rustix::io::fcntl_setfd(end, FdFlags::empty()).unwrap();
        }
        ends
    }

    fn text(read: &OwnedFd, write: &OwnedFd) -> String {
        format!("{},{}", read.as_raw_fd(), write.as_raw_fd())
    }

    #[test]
    fn inherited_descriptors_are_owned_by_the_link_alone() {
        let _alone = alone();
        let (read, write) = inherited_pipe();
        let numbers = text(&read, &write);
        // The link closes them: nothing here may.
        let (read, write) = (
            std::mem::ManuallyDrop::new(read),
            std::mem::ManuallyDrop::new(write),
        );
        let (own_read, own_write) = open("pipe+fd:", &numbers).unwrap();
        let reused =
            |fd: &OwnedFd| is_inherited(u32::try_from(fd.as_raw_fd()).unwrap()) == Some(true);
        assert!(!reused(&read) && !reused(&write), "they are still open");
        drop(own_write);
        let ended = rustix::io::read(&own_read, &mut [0; 1]).unwrap();
        assert_eq!(ended, 0, "the other end was the last");
    }

    #[test]
    fn descriptors_that_this_process_opened_are_refused() {
        let _alone = alone();
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
        let failure = open("pipe+fd:", &text(&read, &write)).unwrap_err();
        assert!(
            failure.text().contains("closed on exec"),
            "{}",
            failure.text()
        );
        rustix::io::write(&write, b"x").unwrap();
    }

    #[test]
    fn an_end_of_the_wrong_direction_is_refused_and_left_alone() {
        let _alone = alone();
        let (read, write) = inherited_pipe();
        let failure = open("pipe+fd:", &text(&write, &read)).unwrap_err();
        assert!(failure.text().contains("direction"), "{}", failure.text());
        rustix::io::write(&write, b"x").unwrap();
    }

    #[test]
    fn what_is_no_descriptor_is_refused() {
        for text in ["", "3", "3,", "x,4", "-1,4", "1000000,1000001"] {
            assert!(open("pipe+fd:", text).is_err(), "{text}");
        }
    }
}
