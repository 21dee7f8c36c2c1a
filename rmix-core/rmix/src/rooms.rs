//! Memory for the futures of inbound calls. Nearly every call ends where it begins, so a thread keeps the room that a
//! method's last call took for its next one, and allocates none.

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::turns::Job;

/// Rooms that a thread keeps, one for each method.
const ROOMS_MAX: usize = 32;
/// Larger rooms are not kept, in bytes.
const ROOM_BYTES_MAX: usize = 4096;

thread_local! {
    static KEPT: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Room for a future, in its place.
type Place<J> = Pin<Box<Option<J>>>;

/// The future of one call.
pub(crate) struct Room<J>(Place<J>);

/// An empty room, while nobody uses it.
struct Kept<J>(Option<Place<J>>);

impl<J: Future<Output = ()> + Send + 'static> Room<J> {
    /// A room with a future in it.
    pub(crate) fn with(job: J) -> Room<J> {
        let kept = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            let kept = kept.iter_mut();
            kept.filter_map(|kept| kept.downcast_mut::<Kept<J>>())
                .find_map(|kept| kept.0.take())
        });
        let mut place = match kept {
            Ok(Some(place)) => place,
            _ => Box::pin(None),
        };
        place.set(Some(job));
        Room(place)
    }

    /// Moves the future on.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.0.as_mut().as_pin_mut() {
            Some(job) => job.poll(cx),
            None => Poll::Ready(()),
        }
    }

    /// The future, to go on elsewhere.
    pub(crate) fn into_job(mut self) -> Job {
        Box::pin(poll_fn(move |cx| self.poll(cx)))
    }

    /// Drops the future, and keeps the room.
    pub(crate) fn put_back(mut self) {
        // The future's own destructor runs before anything is borrowed here.
        self.0.set(None);
        if size_of::<Option<J>>() > ROOM_BYTES_MAX {
            return;
        }
        // Else the thread is at its end.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            let known = kept.iter_mut();
            let mut known = known.filter_map(|kept| kept.downcast_mut::<Kept<J>>());
            if let Some(known) = known.next() {
                known.0 = Some(self.0);
            } else if kept.len() < ROOMS_MAX {
                kept.push(Box::new(Kept(Some(self.0))));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Waker;

    use super::*;

    async fn hold(value: Arc<u8>) {
        drop(value);
    }

    fn place_of<J>(room: &Room<J>) -> *const Option<J> {
        std::ptr::from_ref(room.0.as_ref().get_ref())
    }

    /// Runs a future in a room; where that was.
    fn run(value: &Arc<u8>) -> usize {
        let mut room = Room::with(hold(value.clone()));
        let place = place_of(&room).addr();
        let polled = room.poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
        room.put_back();
        place
    }

    #[test]
    fn a_method_s_next_call_is_where_its_last_was() {
        let value = Arc::new(7);
        assert_eq!(run(&value), run(&value));
    }

    #[test]
    fn a_call_within_a_call_has_a_room_of_its_own() {
        let value = Arc::new(7);
        let outer = Room::with(hold(value.clone()));
        assert_ne!(run(&value), place_of(&outer).addr());
        outer.put_back();
    }

    #[test]
    fn a_room_that_is_put_back_holds_nothing() {
        let value = Arc::new(7);
        Room::with(hold(value.clone())).put_back();
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_future_goes_on_elsewhere_and_takes_its_room_along() {
        let value = Arc::new(7);
        let mut job = Room::with(hold(value.clone())).into_job();
        let polled = job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
