//! What a segment's seals allow, and which descriptors are refused.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

use crate::layout::{Header, HeaderError, QUEUE_BYTES_MAX, QUEUE_BYTES_MIN, segment_bytes};
use crate::{Alarm, Peer, Reader, Refused, Segment, Writer, join};

/// Both ends of a link over real segments.
pub(super) fn real_pair() -> [(Writer, Reader, Alarm); 2] {
    let (near, near_memory) = Segment::create(QUEUE_BYTES_MIN, 1).unwrap();
    let (far, far_memory) = Segment::create(QUEUE_BYTES_MIN * 2, 2).unwrap();
    let near_seen = Peer::open(near_memory.as_fd(), 1).unwrap();
    let far_seen = Peer::open(far_memory.as_fd(), 2).unwrap();
    [join(near, far_seen), join(far, near_seen)]
}

/// Memory with these bytes at its front, of this size, sealed like this.
fn memory(bytes: &[u8], size: u64, seals: SealFlags) -> OwnedFd {
    let memory = rustix::fs::memfd_create("test", MemfdFlags::ALLOW_SEALING).unwrap();
    rustix::fs::ftruncate(&memory, size).unwrap();
    rustix::io::pwrite(&memory, bytes, 0).unwrap();
    rustix::fs::fcntl_add_seals(&memory, seals).unwrap();
    memory
}

const ALL: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

fn header() -> Header {
    Header {
        queue_bytes: QUEUE_BYTES_MIN,
        generation: 9,
        process: 0,
    }
}

fn refusal(memory: &OwnedFd) -> Refused {
    match Peer::open(memory.as_fd(), 9) {
        Ok(_) => panic!("it was taken"),
        Err(refused) => refused,
    }
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn bytes_pass_between_real_segments_of_different_sizes() {
    let [(mut near, mut near_in, _), (mut far, mut far_in, _)] = real_pair();
    near.write(b"there").unwrap();
    far.write(b"back").unwrap();
    assert_eq!(super::queues::read(&mut far_in, 9), b"there");
    assert_eq!(super::queues::read(&mut near_in, 9), b"back");
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn nobody_can_shrink_grow_write_or_map_for_writing_what_was_handed_out() {
    let (_segment, memory) = Segment::create(QUEUE_BYTES_MIN, 9).unwrap();
    let size = segment_bytes(QUEUE_BYTES_MIN);
    assert_eq!(rustix::fs::ftruncate(&memory, 0), Err(Errno::PERM));
    assert_eq!(rustix::fs::ftruncate(&memory, size * 2), Err(Errno::PERM));
    assert_eq!(rustix::io::pwrite(&memory, b"x", 64), Err(Errno::PERM));
    let nothing = SealFlags::empty();
    assert_eq!(
        rustix::fs::fcntl_add_seals(&memory, nothing),
        Err(Errno::PERM)
    );
    let anywhere = std::ptr::null_mut();
    let writable = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping disturbs nothing; it is not used.
    let mapped =
        unsafe { rustix::mm::mmap(anywhere, 4096, writable, MapFlags::SHARED, &memory, 0) };
    assert_eq!(mapped, Err(Errno::PERM));
    assert!(Peer::open(memory.as_fd(), 9).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn a_queue_size_beyond_the_limits_is_not_made() {
    for bytes in [
        0,
        1,
        QUEUE_BYTES_MIN - 1,
        QUEUE_BYTES_MAX + 1,
        QUEUE_BYTES_MAX * 2,
    ] {
        assert_eq!(
            Segment::create(bytes, 9).err(),
            Some(Errno::INVAL),
            "{bytes}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn memory_without_any_one_of_the_seals_is_refused() {
    let size = segment_bytes(QUEUE_BYTES_MIN);
    for missing in [SealFlags::SHRINK, SealFlags::GROW, SealFlags::SEAL] {
        let memory = memory(&header().to_bytes(), size, ALL - missing);
        assert!(matches!(refusal(&memory), Refused::Seals(_)), "{missing:?}");
    }
    let sealed = memory(&header().to_bytes(), size, ALL);
    assert!(Peer::open(sealed.as_fd(), 9).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn other_descriptors_are_refused() {
    let mut file = tempfile();
    file.write_all(&header().to_bytes()).unwrap();
    file.rewind().unwrap();
    let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    let (pipe, _write) = rustix::pipe::pipe().unwrap();
    let others = [
        file.into(),
        socket.into(),
        pipe,
        File::open("/proc/self/status").unwrap().into(),
    ];
    for other in others {
        let refused = refusal(&other);
        let named = matches!(refused, Refused::System(_) | Refused::Seals(_));
        assert!(named, "{refused:?}");
    }
}

/// A file without a name.
fn tempfile() -> File {
    let folder = std::env::temp_dir();
    let flags = rustix::fs::OFlags::TMPFILE | rustix::fs::OFlags::RDWR;
    let made = rustix::fs::open(&folder, flags, rustix::fs::Mode::RUSR);
    File::from(made.expect("the temporary folder takes files without names"))
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no memfd")]
fn a_segment_that_is_not_what_its_header_says_is_refused() {
    let size = segment_bytes(QUEUE_BYTES_MIN);
    let short = memory(&header().to_bytes()[..40], 40, ALL);
    assert!(matches!(refusal(&short), Refused::Size { found: 40, .. }));
    for wrong in [size - 1, size + 1, size * 2, 64] {
        let memory = memory(&header().to_bytes(), wrong, ALL);
        let expected = Refused::Size {
            found: wrong,
            expected: size,
        };
        assert_eq!(refusal(&memory), expected);
    }
    let empty = memory(&[], size, ALL);
    assert_eq!(refusal(&empty), Refused::Header(HeaderError::Magic(0)));
    let huge = Header {
        queue_bytes: QUEUE_BYTES_MAX * 2,
        ..header()
    };
    let huge = memory(&huge.to_bytes(), segment_bytes(QUEUE_BYTES_MAX * 2), ALL);
    assert!(matches!(
        refusal(&huge),
        Refused::Header(HeaderError::Queue(_))
    ));
    let other = Header {
        generation: 8,
        ..header()
    };
    let other = memory(&other.to_bytes(), size, ALL);
    assert_eq!(refusal(&other), Refused::Generation);
}
