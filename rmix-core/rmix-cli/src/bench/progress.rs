//! A progress bar on standard error, when that is a terminal. It is drawn by a thread of its own, which looks at the
//! count now and then, so that drawing costs the calls nothing.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::Budget;

/// The bar; it goes away when dropped.
pub(super) struct Progress {
    /// Dropped, it ends the thread.
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows how much of the calls or of the time is over; nothing where nobody looks.
    pub(super) fn start(budget: &Arc<Budget>, calls: Option<u64>, duration: Duration) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { running: None };
        }
        let (stop, stopped) = channel::<()>();
        let budget = budget.clone();
        let drawn = move || {
            let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            let bar = ProgressBar::new(calls.unwrap_or(milliseconds));
            bar.set_style(style());
            let started = Instant::now();
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                let done = budget.done();
                let over = if calls.is_some() { done } else { elapsed };
                bar.set_position(over.min(bar.length().unwrap_or(over)));
                bar.set_message(format!("{done} calls"));
            }
            bar.finish_and_clear();
        };
        let thread = std::thread::Builder::new().name("rmix-progress".to_owned());
        // Without a thread there is no bar, and the measurement is the same.
        let running = thread.spawn(drawn).ok().map(|thread| (stop, thread));
        Progress { running }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // A bar that panicked spoils no figures.
            let _ = thread.join();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{elapsed_precise} {wide_bar} {percent:>3} %  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

const INTERVAL: Duration = Duration::from_millis(100);
