//! Every interleaving, with the memory model's reorderings, of a producer and a consumer that sleep: no byte is read
//! before it was written, and nobody sleeps for ever. Loom finds a sleeper that nobody wakes as a deadlock.

use loom::sync::atomic::{AtomicU32, Ordering, fence};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use rmix_shm_sys::queue::{Consumer, Producer, Ringer, Sleep, Sleeper, Word};

struct Modelled(AtomicU32);

impl Modelled {
    fn new() -> Modelled {
        Modelled(AtomicU32::new(0))
    }
}

impl Word for Modelled {
    fn load(&self) -> u32 {
        let value = self.0.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        value
    }

    fn store(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }

    fn fence() {
        fence(Ordering::SeqCst);
    }
}

/// A descriptor that keeps a ring until it is taken.
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn new() -> Bell {
        Bell {
            rung: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

/// The kernel's side of a futex: what is compared and what is woken are one step.
struct Futex {
    queue: Mutex<()>,
    changed: Condvar,
}

impl Futex {
    fn new() -> Futex {
        Futex {
            queue: Mutex::new(()),
            changed: Condvar::new(),
        }
    }

    fn wake(&self) {
        drop(self.queue.lock().unwrap());
        self.changed.notify_one();
    }

    fn wait(&self, word: &Modelled, expected: u32) {
        let queue = self.queue.lock().unwrap();
        if word.load() == expected {
            let _woken = self.changed.wait(queue).unwrap();
        }
    }
}

/// What both ends see.
struct Link {
    produced: Modelled,
    consumed: Modelled,
    reader: Modelled,
    writer: Modelled,
    /// The queue. Relaxed on purpose: only the positions order them, and a cell read too early has its old value.
    cells: Vec<AtomicU32>,
    data_bell: Bell,
    room_bell: Bell,
    futex: Futex,
}

impl Link {
    fn new(size: usize) -> Link {
        Link {
            produced: Modelled::new(),
            consumed: Modelled::new(),
            reader: Modelled::new(),
            writer: Modelled::new(),
            cells: (0..size).map(|_| AtomicU32::new(0)).collect(),
            data_bell: Bell::new(),
            room_bell: Bell::new(),
            futex: Futex::new(),
        }
    }

    fn size(&self) -> u32 {
        u32::try_from(self.cells.len()).unwrap()
    }
}

/// Writes the numbers from 1 to `count`, one at a time, sleeping when the queue is full.
fn produce(link: &Link, count: u32) {
    let mut producer = Producer::new(link.size());
    let mut ringer = Ringer::default();
    let mut sleeper = Sleeper::default();
    for number in 1..=count {
        while producer.room(1, &link.consumed).unwrap() == 0 {
            sleeper.fall_asleep(&link.writer, Sleep::Bell);
            if !producer.may_go_on(&link.consumed).unwrap() {
                link.room_bell.wait();
            }
            sleeper.wake_up(&link.writer);
        }
        link.cells[producer.offset() as usize].store(number, Ordering::Relaxed);
        producer.publish(1, &link.produced);
        match ringer.look(&link.reader) {
            None => {}
            Some(Sleep::Bell) => link.data_bell.ring(),
            Some(Sleep::Futex) => link.futex.wake(),
        }
    }
}

/// Reads the numbers from 1 to `count`, sleeping in this way when the queue is empty.
fn consume(link: &Link, count: u32, sleep: Sleep) {
    let mut consumer = Consumer::new(link.size());
    let mut ringer = Ringer::default();
    let mut sleeper = Sleeper::default();
    let mut expected = 1;
    while expected <= count {
        let available = consumer.available(&link.produced).unwrap();
        if available == 0 {
            sleeper.fall_asleep(&link.reader, sleep);
            if consumer.available(&link.produced).unwrap() == 0 {
                match sleep {
                    Sleep::Bell => link.data_bell.wait(),
                    Sleep::Futex => link.futex.wait(&link.produced, consumer.position()),
                }
            }
            sleeper.wake_up(&link.reader);
            continue;
        }
        let found = link.cells[consumer.offset() as usize].load(Ordering::Relaxed);
        assert_eq!(found, expected, "a cell was read before it was written");
        expected += 1;
        consumer.release(1, &link.consumed);
        if consumer.has_room_to_tell() && ringer.look(&link.writer).is_some() {
            link.room_bell.ring();
        }
    }
}

fn check(size: usize, count: u32, sleep: Sleep) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let link = Arc::new(Link::new(size));
        let other = link.clone();
        let producer = thread::spawn(move || produce(&other, count));
        consume(&link, count, sleep);
        producer.join().unwrap();
    });
}

#[test]
fn a_reader_on_its_descriptor_sees_every_byte_and_never_sleeps_for_ever() {
    check(4, 2, Sleep::Bell);
}

#[test]
fn a_reader_on_the_futex_sees_every_byte_and_never_sleeps_for_ever() {
    check(4, 2, Sleep::Futex);
}

#[test]
fn a_writer_that_waits_for_room_never_sleeps_for_ever() {
    check(2, 3, Sleep::Bell);
}
