//! Named FIFOs: making them, and opening both ends whichever side comes first.

use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::task::Poll;

use rmix_provider::failure;
use rmix_provider::guest::{Host, Io};
use rmix_provider::tables::{AbiWaker, Err, READ};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// How often an end that has no counterpart yet is tried again, in nanoseconds.
const RETRY_NS: u64 = 5_000_000;

/// The two FIFOs of an endpoint, as the exporting side sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Calls come in here.
    pub(crate) calls: PathBuf,
    /// Answers go out here.
    pub(crate) answers: PathBuf,
}

impl Pair {
    /// Reads `IN,OUT`.
    pub(crate) fn parse(endpoint: &str, text: &str) -> Result<Pair, Err> {
        let wrong = || failure::endpoint(endpoint, "it needs two paths: IN,OUT");
        let (calls, answers) = text.split_once(',').ok_or_else(wrong)?;
        if calls.is_empty() || answers.is_empty() || answers.contains(',') || calls == answers {
            return Err(wrong());
        }
        Ok(Pair {
            calls: calls.into(),
            answers: answers.into(),
        })
    }

    /// Makes the FIFOs that are not there, for this user only.
    pub(crate) fn make(&self, endpoint: &str) -> Result<(), Err> {
        for path in [&self.calls, &self.answers] {
            match rustix::fs::mknodat(
                rustix::fs::CWD,
                path,
                rustix::fs::FileType::Fifo,
                Mode::RUSR | Mode::WUSR,
                0,
            ) {
                Ok(()) => {}
                Err(Errno::EXIST) => check_fifo(endpoint, path)?,
                Err(errno) => return Err(failure::listen(endpoint, errno)),
            }
        }
        Ok(())
    }
}

/// Refuses what is not a FIFO: a file would be overwritten.
pub(crate) fn check_fifo(endpoint: &str, path: &Path) -> Result<(), Err> {
    let found = rustix::fs::stat(path).map_err(|errno| failure::connect(endpoint, errno))?;
    if rustix::fs::FileType::from_raw_mode(found.st_mode) != rustix::fs::FileType::Fifo {
        let why = format!("{} is not a FIFO", path.display());
        return Err(failure::endpoint(endpoint, &why));
    }
    Ok(())
}

/// Opens an end to read from; does not wait for a writer.
pub(crate) fn open_read(endpoint: &str, path: &Path) -> Result<OwnedFd, Err> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| failure::connect(endpoint, errno))
}

/// Opens an end to write to; waits until somebody reads there.
pub(crate) async fn open_write(host: &Host, endpoint: &str, path: &Path) -> Result<OwnedFd, Err> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut timer = host.timer();
    loop {
        match rustix::fs::open(path, flags, Mode::empty()) {
            // Nobody reads there yet.
            Err(Errno::NXIO) => {
                let until = host.now_ns().saturating_add(RETRY_NS);
                timer.sleep_until(until).await;
            }
            opened => return opened.map_err(|errno| failure::connect(endpoint, errno)),
        }
    }
}

/// Waits until somebody has opened the FIFO at the other end of `read` and written; takes no byte.
pub(crate) async fn first_byte(host: &Host, read: &OwnedFd) -> Result<(), Err> {
    let copy = read
        .try_clone()
        .map_err(|_| failure::io("duplicating a FIFO's end", Errno::MFILE))?;
    let registered = host.register(copy)?;
    poll_fn(|cx| {
        registered.poll_io(READ, &AbiWaker::lend(cx.waker()), |fd| {
            // Readable, or opened and closed again: both begin a link.
            let mut entry = [rustix::event::PollFd::from_borrowed_fd(
                fd,
                rustix::event::PollFlags::IN,
            )];
            let now = rustix::event::Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            match rustix::event::poll(&mut entry, Some(&now)) {
                Ok(0) => Io::WouldBlock,
                _ => Io::Done(()),
            }
        })
    })
    .await
}

/// Ready at once; for a link that has nobody to wait for.
pub(crate) fn already() -> Poll<()> {
    Poll::Ready(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_different_paths_are_needed() {
        let pair = Pair::parse("pipe+fifo:/a,/b", "/a,/b").unwrap();
        assert_eq!((pair.calls, pair.answers), ("/a".into(), "/b".into()));
        for text in ["/a", "/a,", ",/b", "/a,/b,/c", "/a,/a"] {
            assert!(Pair::parse("pipe+fifo:", text).is_err(), "{text}");
        }
    }
}
