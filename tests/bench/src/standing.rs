//! Processes that stay for all rounds, because they are slow to start and to warm up: virtual machines.

use std::cell::RefCell;
use std::process::Command;
use std::rc::Rc;

use crate::error::BenchError;
use crate::peers::Side;
use crate::process::Process;

/// A process that several hold; killed when the last lets go.
pub(crate) type Shared = Rc<RefCell<Process>>;

/// What a process is for, and on which core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) side: Side,
    pub(crate) is_server: bool,
    pub(crate) core: u32,
}

/// The processes that stand, with what they said first.
#[derive(Default)]
pub(crate) struct Standing(RefCell<Vec<(Post, Shared, String)>>);

impl Standing {
    /// The process at a post, started if nobody is there.
    pub(crate) fn at(
        &self,
        post: Post,
        command: impl FnOnce() -> Command,
    ) -> Result<(Shared, String), BenchError> {
        let mut all = self.0.borrow_mut();
        if let Some((_, process, said)) = all.iter().find(|(taken, ..)| *taken == post) {
            return Ok((process.clone(), said.clone()));
        }
        let (process, said) = Process::start(&mut command())?;
        let process = Rc::new(RefCell::new(process));
        all.push((post, process.clone(), said.clone()));
        Ok((process, said))
    }

    /// Lets go of those of a side: one of them failed.
    pub(crate) fn dismiss(&self, side: Side) {
        self.0.borrow_mut().retain(|(post, ..)| post.side != side);
    }
}
