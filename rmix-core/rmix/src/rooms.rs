//! Memory for the futures of inbound calls. Nearly every call ends where it begins, so a thread keeps the room that a
//! method's last call took for its next one, and allocates none.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Rooms that a thread keeps, one for each method.
const ROOMS_MAX: usize = 32;
/// Larger rooms are not kept, in bytes.
const ROOM_BYTES_MAX: usize = 4096;

thread_local! {
    /// Each a [`Kept`] for futures of the type beside it.
    static KEPT: RefCell<Vec<(TypeId, Box<dyn Any>)>> = const { RefCell::new(Vec::new()) };
}

/// Room for a future, in its place.
type Place<F> = Pin<Box<Option<F>>>;

/// The future of one call, which it goes on with wherever it is taken.
pub(crate) struct Room<F>(Place<F>);

/// An empty room, while nobody uses it.
struct Kept<F>(Option<Place<F>>);

/// The kept room for futures of this type.
fn kept<F: 'static>(rooms: &mut [(TypeId, Box<dyn Any>)]) -> Option<&mut Kept<F>> {
    let known = rooms.iter_mut().find(|(of, _)| *of == TypeId::of::<F>());
    known.and_then(|(_, kept)| kept.downcast_mut())
}

impl<F: Future + Send + 'static> Room<F> {
    /// A room with nothing in it.
    pub(crate) fn open() -> Room<F> {
        let place = KEPT.try_with(|rooms| kept::<F>(&mut rooms.borrow_mut())?.0.take());
        match place {
            Ok(Some(place)) => Room(place),
            _ => Room(Box::pin(None)),
        }
    }

    /// Puts the future in.
    pub(crate) fn fill(&mut self, future: F) {
        self.0.set(Some(future));
    }

    /// Drops the future, and keeps the room.
    pub(crate) fn put_back(mut self) {
        // The future's own destructor runs before anything is borrowed here.
        self.0.set(None);
        if size_of::<Option<F>>() > ROOM_BYTES_MAX {
            return;
        }
        // Else the thread is at its end.
        let _ = KEPT.try_with(|rooms| {
            let mut rooms = rooms.borrow_mut();
            if let Some(known) = kept::<F>(&mut rooms) {
                known.0 = Some(self.0);
            } else if rooms.len() < ROOMS_MAX {
                rooms.push((TypeId::of::<F>(), Box::new(Kept(Some(self.0)))));
            }
        });
    }
}

impl<F: Future> Future for Room<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.0.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            // Nobody polls an empty room.
            None => Poll::Pending,
        }
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

    fn with<F: Future + Send + 'static>(future: F) -> Room<F> {
        let mut room = Room::open();
        room.fill(future);
        room
    }

    fn place_of<F>(room: &Room<F>) -> *const Option<F> {
        std::ptr::from_ref(room.0.as_ref().get_ref())
    }

    fn poll<F: Future>(room: &mut Room<F>) -> Poll<F::Output> {
        Pin::new(room).poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Runs a future in a room; where that was.
    fn run(value: &Arc<u8>) -> usize {
        let mut room = with(hold(value.clone()));
        let place = place_of(&room).addr();
        assert!(poll(&mut room).is_ready());
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
        let outer = with(hold(value.clone()));
        assert_ne!(run(&value), place_of(&outer).addr());
        outer.put_back();
    }

    #[test]
    fn a_room_that_is_put_back_holds_nothing() {
        let value = Arc::new(7);
        with(hold(value.clone())).put_back();
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_future_goes_on_elsewhere_and_takes_its_room_along() {
        let value = Arc::new(7);
        let room = with(hold(value.clone()));
        let place = place_of(&room);
        let mut moved = Box::new(room);
        assert_eq!(place_of(&moved), place);
        assert!(poll(&mut moved).is_ready());
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
