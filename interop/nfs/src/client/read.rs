//! Reading a file: several READs are under way at a time, and their answers are taken in the order of the file.

use std::collections::VecDeque;
use std::io;

use super::error::NfsError;
use super::mount::Mount;
use super::walk::Found;
use crate::protocol::nfs3::{NfsFh3, Read3args, Read3res, Read3resok};

impl Mount {
    /// Reads a file from its beginning to its end, and gives its octets to `output`, piece by piece. At most `together`
    /// READs are under way. Gives the number of octets.
    ///
    /// # Errors
    /// The server refuses, is not reached or answers nonsense, or `output` fails.
    pub async fn read(
        &self,
        file: &Found,
        together: usize,
        mut output: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<u64, NfsError> {
        // A started call has left before anybody waits for it.
        let start = |offset, count| self.nfs.start().nfsproc3_read(asked(file, offset, count));
        let size = file.attributes.size;
        let mut under_way = VecDeque::new();
        let mut next = 0;
        let mut written = 0;
        loop {
            while under_way.len() < together.max(1) && next < size {
                let count = self
                    .piece
                    .min(u32::try_from(size - next).unwrap_or(u32::MAX));
                under_way.push_back((count, start(next, count)));
                next += u64::from(count);
            }
            let Some((count, pending)) = under_way.pop_front() else {
                break;
            };
            let mut piece = checked(pending.await?, count)?;
            let mut missing = count;
            loop {
                output(&piece.data).map_err(NfsError::Output)?;
                written += u64::from(piece.count);
                missing -= piece.count;
                if piece.eof || missing == 0 {
                    break;
                }
                // A server may give less than was asked for: the rest comes before what follows.
                let rest = self.nfs.nfsproc3_read(asked(file, written, missing));
                piece = checked(rest.await?, missing)?;
            }
            if piece.eof {
                // The file is shorter than it was; what else is under way is given up.
                return Ok(written);
            }
        }
        self.read_on(file, written, &mut output).await
    }

    /// A file may have grown, and some have no size at all: reads on until the server says that it is the end.
    async fn read_on(
        &self,
        file: &Found,
        mut written: u64,
        output: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<u64, NfsError> {
        loop {
            let more = self.nfs.nfsproc3_read(asked(file, written, self.piece));
            let piece = checked(more.await?, self.piece)?;
            output(&piece.data).map_err(NfsError::Output)?;
            written += u64::from(piece.count);
            if piece.eof {
                return Ok(written);
            }
        }
    }
}

fn asked(file: &Found, offset: u64, count: u32) -> Read3args {
    let file: NfsFh3 = file.handle.clone();
    Read3args {
        file,
        offset,
        count,
    }
}

/// What a server says is not believed before it fits together.
fn checked(answer: Read3res, asked: u32) -> Result<Read3resok, NfsError> {
    let piece = match answer {
        Read3res::Nfs3Ok(piece) => piece,
        Read3res::Default(status, _) => return Err(NfsError::refused("reading", status)),
    };
    let (count, octets) = (piece.count, piece.data.len());
    if u32::try_from(octets) != Ok(count) || count > asked {
        let what = format!("READ of {asked} octets gave {octets} and says that these are {count}");
        return Err(NfsError::Broken(what));
    }
    if count == 0 && !piece.eof {
        let what = "READ gave nothing, and says that it is not the end of the file";
        return Err(NfsError::Broken(what.to_owned()));
    }
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::nfs3::PostOpAttr;

    fn answer(count: u32, eof: bool, octets: usize) -> Read3res {
        Read3res::Nfs3Ok(Read3resok {
            file_attributes: PostOpAttr::False,
            count,
            eof,
            data: vec![7; octets],
        })
    }

    #[test]
    fn answers_that_do_not_fit_together_are_refused() {
        assert!(checked(answer(4, false, 4), 4).is_ok());
        assert!(checked(answer(0, true, 0), 4).is_ok());
        assert!(checked(answer(5, false, 5), 4).is_err());
        assert!(checked(answer(4, false, 3), 4).is_err());
        assert!(checked(answer(0, false, 0), 4).is_err());
    }
}
