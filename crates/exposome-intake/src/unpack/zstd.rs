//! Zstandard: one frame after the other (RFC 8878, section 3).

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// The plain bytes of every frame of a source.
pub(super) struct Frames<S> {
    source: S,
    frame: FrameDecoder,
    inside: bool,
}

impl<S: BufRead> Frames<S> {
    pub(super) fn new(source: S) -> Frames<S> {
        Frames { source, frame: FrameDecoder::new(), inside: false }
    }

    /// Opens the next frame; skippable frames hold nothing for us (section 3.1.2).
    fn begin(&mut self) -> io::Result<()> {
        match self.frame.init(&mut self.source) {
            Ok(()) => {
                self.inside = true;
                Ok(())
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let skipped =
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                if skipped < u64::from(length) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(())
            }
            Err(error) => Err(self.broken(error)),
        }
    }

    /// Whether there is anything more to give from this frame.
    fn advance(&mut self) -> io::Result<bool> {
        while self.frame.can_collect() == 0 && !self.frame.is_finished() {
            let step = BlockDecodingStrategy::UptoBlocks(1);
            if let Err(error) = self.frame.decode_blocks(&mut self.source, step) {
                return Err(self.broken(error));
            }
        }
        Ok(self.frame.can_collect() > 0)
    }

    fn end(&mut self) -> io::Result<()> {
        self.inside = false;
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(said), Some(found)) if said != found => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the Zstandard checksum does not agree",
            )),
            _ => Ok(()),
        }
    }

    /// An error where the source has ended is its being cut short.
    fn broken(&mut self, error: FrameDecoderError) -> io::Error {
        match self.source.fill_buf() {
            Ok([]) => io::ErrorKind::UnexpectedEof.into(),
            Ok(_) => io::Error::new(io::ErrorKind::InvalidData, error),
            Err(error) => error,
        }
    }
}

impl<S: BufRead> Read for Frames<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside {
                if self.source.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin()?;
            } else if self.advance()? {
                return self.frame.read(buffer);
            } else {
                self.end()?;
            }
        }
    }
}
