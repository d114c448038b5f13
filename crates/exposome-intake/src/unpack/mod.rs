//! Archives, compression and encodings taken off, so that every reader meets plain bytes.
//!
//! gzip (RFC 1952), Zstandard (RFC 8878), tar (POSIX.1-2001 ustar and pax, GNU
//! long names) and zip (PKWARE APPNOTE) may lie in one another, to a bound.
//! What a file unpacks to is counted as it comes, so that a bomb is stopped
//! while it goes off, and nothing is ever written anywhere.

mod tar;
mod utf16;
pub mod zip;
mod zstd;

use crate::glimpse::HEAD_BYTES;
use crate::inventory::{self, Told};
use crate::{Document, Error, Format, Glimpse, Item, Limits, ReadSeek, Reader, formats, recognise};
use exposome_model::reading::{Complaint, Sink};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Reads one file: a document, or an archive of documents.
///
/// What was understood before an error has reached the sink.  An error in one
/// entry of an archive becomes a complaint, and the other entries are read.
pub fn read(
    source: &mut dyn ReadSeek,
    name: &str,
    limits: &Limits,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    read_told(source, name, limits, &Told::default(), sink)
}

/// Reads one file as [`read`] does, with what a person says of it beside its bytes.
pub fn read_told(
    source: &mut dyn ReadSeek,
    name: &str,
    limits: &Limits,
    told: &Told,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let unpacked_bytes = Cell::new(0);
    let at = Unpacking { name, limits, told, archives: 0, unpacked_bytes: &unpacked_bytes };
    let mut head = Vec::new();
    Read::take(&mut *source, 4).read_to_end(&mut head).map_err(Error::source(name))?;
    source.rewind().map_err(Error::source(name))?;
    let mut sink = Counted { sink, left: limits.complaints };
    if zip::is_zip(&head) {
        at.zip(source, &mut sink)
    } else {
        at.stream(&mut BufReader::with_capacity(1 << 17, source), &mut sink)
    }
}

/// Where in a file of files we are.
#[derive(Clone, Copy)]
struct Unpacking<'a> {
    name: &'a str,
    limits: &'a Limits,
    told: &'a Told,
    /// How many archives we are inside of.
    archives: u8,
    /// What the whole file has unpacked to so far.
    unpacked_bytes: &'a Cell<u64>,
}

impl<'a> Unpacking<'a> {
    fn stream(self, source: &mut dyn BufRead, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
        let mut head = Vec::new();
        Read::take(&mut *source, HEAD_BYTES as u64)
            .read_to_end(&mut head)
            .map_err(Error::source(self.name))?;
        let mut source = Cursor::new(&head).chain(source);
        match Wrapping::of(&head) {
            Wrapping::None => self.document(&head, &mut source, sink),
            Wrapping::Gzip => {
                let packed_bytes = Cell::new(0);
                let packed = Tally { source, bytes: &packed_bytes };
                let plain = flate2::bufread::MultiGzDecoder::new(packed);
                self.inner(&[".gz", ".gzip"], &packed_bytes, plain, sink)
            }
            Wrapping::Zstandard => {
                let packed_bytes = Cell::new(0);
                let plain = zstd::Frames::new(Tally { source, bytes: &packed_bytes });
                self.inner(&[".zst", ".zstd"], &packed_bytes, plain, sink)
            }
            Wrapping::Utf16(order) => {
                let text = utf16::Utf8::new(source, order);
                self.stream(&mut BufReader::new(text), sink)
            }
            Wrapping::Tar => self.deeper(self.name)?.tar(&mut source, sink),
            Wrapping::Zip => {
                let limit = self.limits.record_bytes;
                let bytes = whole(&mut source, "the archive inside the archive", limit)?;
                self.zip(&mut Cursor::new(bytes), sink)
            }
        }
    }

    /// What a compressed stream holds, under watch.
    fn inner(
        self,
        endings: &[&str],
        packed_bytes: &Cell<u64>,
        plain: impl Read,
        sink: &mut dyn Sink<Item>,
    ) -> Result<(), Error> {
        let name = endings.iter().find_map(|ending| self.name.strip_suffix(ending));
        let watched = Watched { plain, own_bytes: 0, packed_bytes, of: self };
        let inside = self.deeper(name.unwrap_or(self.name))?;
        inside.stream(&mut BufReader::with_capacity(1 << 17, watched), sink)
    }

    fn deeper<'b>(self, name: &'b str) -> Result<Unpacking<'b>, Error>
    where
        'a: 'b,
    {
        if self.archives >= self.limits.archives_deep {
            let limit = self.limits.archives_deep.to_string();
            return Err(Error::OverLimit {
                what: "the depth of archives in archives",
                place: self.name.into(),
                limit,
            });
        }
        Ok(Unpacking { name, archives: self.archives + 1, ..self })
    }

    /// A plain document.
    fn document(
        self,
        head: &[u8],
        source: &mut dyn BufRead,
        sink: &mut dyn Sink<Item>,
    ) -> Result<(), Error> {
        let format = recognise(head, self.name)
            .or_else(|| self.told.columns.is_some().then_some(&inventory::CSV))
            .ok_or_else(|| unrecognised(head))?;
        let document = Document { name: self.name, limits: self.limits, told: self.told };
        self.open(format, sink);
        match format.reader {
            Reader::PassedOver(_) => Ok(()),
            Reader::Stream(read) => {
                let bom: &[u8] = if head.starts_with(BOM) { BOM } else { &[] };
                let skipped =
                    io::copy(&mut Read::take(&mut *source, bom.len() as u64), &mut io::sink());
                skipped.map_err(Error::source(self.name))?;
                read(source, &document, sink)
            }
            Reader::Whole(read) => {
                let bytes = whole(source, "the document", self.limits.record_bytes)?;
                read(bytes.strip_prefix(BOM).unwrap_or(&bytes), &document, sink)
            }
            Reader::Seek(read) => {
                let bytes = whole(source, "the document", self.limits.record_bytes)?;
                read(&mut Cursor::new(bytes), &document, sink)
            }
        }
    }

    fn open(self, format: &Format, sink: &mut dyn Sink<Item>) {
        let name = self.name.to_owned();
        sink.record(match format.reader {
            Reader::PassedOver(reason) => Item::PassedOver { name, reason },
            _ => Item::Opened { name, format: format.id },
        });
    }

    fn tar(self, source: &mut dyn BufRead, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
        let mut archive = tar::Archive::new(source, self.limits.entries);
        let mut plain = Vec::new();
        while let Some((entry, mut bytes)) = archive.next_file()? {
            self.entry(&entry, sink, |at, sink| {
                if bytes.limit() > SMALL_BYTES {
                    return at.stream(&mut bytes, sink);
                }
                plain.clear();
                bytes.read_to_end(&mut plain).map_err(Error::source(&entry))?;
                if bytes.limit() > 0 {
                    return Err(Error::CutShort {
                        place: entry.clone(),
                        expected: "the rest of the entry",
                    });
                }
                at.bytes(&plain, sink)
            })?;
            io::copy(&mut bytes, &mut io::sink()).map_err(Error::source(&entry))?;
        }
        Ok(())
    }

    fn zip(self, source: &mut dyn ReadSeek, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
        let mut archive = zip::Archive::open(source, self.limits)?;
        let glimpse = Glimpse::of_archive(archive.names(), self.name);
        if let Some(format) = formats().find(|format| (format.recognise)(&glimpse)) {
            self.open(format, sink);
            if let Reader::Seek(read) = format.reader {
                return read(
                    archive.into_source(),
                    &Document { name: self.name, limits: self.limits, told: self.told },
                    sink,
                );
            }
            return Ok(());
        }
        let inside = self.deeper(self.name)?;
        let mut room = Vec::new();
        for index in 0..archive.names().len() {
            let Some(entry) = archive.names().get(index).cloned() else { break };
            if entry.ends_with('/') {
                continue;
            }
            inside.entry(&entry, sink, |at, sink| {
                let length = archive.unpack(index, at.limits, &mut room)?;
                at.spend(length as u64)?;
                at.bytes(room.get(..length).unwrap_or_default(), sink)
            })?;
        }
        Ok(())
    }

    /// A document that lies unpacked in memory; the common case of an archive of many small ones.
    fn bytes(self, plain: &[u8], sink: &mut dyn Sink<Item>) -> Result<(), Error> {
        let head = plain.get(..HEAD_BYTES).unwrap_or(plain);
        if let Wrapping::None = Wrapping::of(head)
            && let Some(format) = recognise(head, self.name)
            && let Reader::Whole(read) = format.reader
        {
            self.open(format, sink);
            let document = Document { name: self.name, limits: self.limits, told: self.told };
            return read(plain.strip_prefix(BOM).unwrap_or(plain), &document, sink);
        }
        self.stream(&mut &*plain, sink)
    }

    /// Counts what came out against what one file may unpack to.
    fn spend(self, bytes: u64) -> Result<(), Error> {
        let spent = self.unpacked_bytes.get().saturating_add(bytes);
        self.unpacked_bytes.set(spent);
        if spent > self.limits.unpacked_bytes {
            let limit = format!("{} bytes", self.limits.unpacked_bytes);
            return Err(Error::OverLimit {
                what: "what the file unpacks to",
                place: self.name.into(),
                limit,
            });
        }
        Ok(())
    }

    /// Reads one entry of an archive; what is wrong in it stays in it.
    fn entry(
        self,
        name: &str,
        sink: &mut dyn Sink<Item>,
        read: impl FnOnce(Unpacking<'_>, &mut dyn Sink<Item>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if leaves_the_archive(name) {
            sink.complain(Complaint::refused(name, "the entry's name leads out of the archive"));
            return Ok(());
        }
        let path = format!("{}/{name}", self.name);
        let mut inside = Inside { sink, entry: name };
        match read(Unpacking { name: &path, ..self }, &mut inside) {
            Ok(()) => Ok(()),
            Err(bomb @ Error::OverLimit { what: "what the file unpacks to", .. }) => Err(bomb),
            Err(error) => {
                sink.complain(Complaint::refused(name, error.in_words()));
                Ok(())
            }
        }
    }
}

/// An entry up to this size is read whole before it is looked at.
const SMALL_BYTES: u64 = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// `..`, an absolute path or a drive letter: no honest archive of documents has these.
fn leaves_the_archive(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']);
    let first = parts.clone().next().unwrap_or_default();
    first.is_empty() || first.ends_with(':') || parts.any(|part| part == "..")
}

fn unrecognised(head: &[u8]) -> Error {
    let start: String =
        String::from_utf8_lossy(head.get(..60).unwrap_or(head)).escape_debug().collect();
    let found =
        if head.is_empty() { "it is empty".to_owned() } else { format!("it begins \"{start}\"") };
    Error::Unrecognised { found }
}

/// The rest of a source, if it is not larger than the limit.
pub(crate) fn whole(
    source: &mut dyn BufRead,
    what: &'static str,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let cap = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    source.take(cap).read_to_end(&mut bytes).map_err(Error::source(what))?;
    if bytes.len() > limit {
        return Err(Error::OverLimit {
            what,
            place: "its end".into(),
            limit: format!("{limit} bytes"),
        });
    }
    Ok(bytes)
}

enum Wrapping {
    None,
    Gzip,
    Zstandard,
    Tar,
    Zip,
    Utf16(utf16::Order),
}

impl Wrapping {
    fn of(head: &[u8]) -> Wrapping {
        match head {
            [0x1f, 0x8b, ..] => Wrapping::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Wrapping::Zstandard,
            [0xff, 0xfe, ..] => Wrapping::Utf16(utf16::Order::Little),
            [0xfe, 0xff, ..] => Wrapping::Utf16(utf16::Order::Big),
            _ if zip::is_zip(head) => Wrapping::Zip,
            _ if tar::is_tar(head) => Wrapping::Tar,
            _ => Wrapping::None,
        }
    }
}

/// Counts what is read from the packed side.
struct Tally<'a, S> {
    source: S,
    bytes: &'a Cell<u64>,
}

impl<S: Read> Read for Tally<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

impl<S: BufRead> BufRead for Tally<'_, S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.bytes.set(self.bytes.get() + count as u64);
        self.source.consume(count);
    }
}

/// Watches what comes out of a decompressor, and stops a bomb.
struct Watched<'a, R> {
    plain: R,
    own_bytes: u64,
    packed_bytes: &'a Cell<u64>,
    of: Unpacking<'a>,
}

/// Below this much, no ratio is suspicious.
const RATIO_FREE_BYTES: u64 = 64 << 20;

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.plain.read(buffer)?;
        self.own_bytes += count as u64;
        self.of.spend(count as u64).map_err(io::Error::other)?;
        let allowed = self.packed_bytes.get().saturating_mul(self.of.limits.unpack_ratio);
        if self.own_bytes > allowed.max(RATIO_FREE_BYTES) {
            let limit = format!("{} times its packed size", self.of.limits.unpack_ratio);
            let place = self.of.name.to_owned();
            return Err(io::Error::other(Error::OverLimit {
                what: "what it unpacks to",
                place,
                limit,
            }));
        }
        Ok(count)
    }
}

/// Names the entry in front of every place.
struct Inside<'a> {
    sink: &'a mut dyn Sink<Item>,
    entry: &'a str,
}

impl Sink<Item> for Inside<'_> {
    fn record(&mut self, record: Item) {
        self.sink.record(record);
    }

    fn complain(&mut self, complaint: Complaint) {
        let place = format!("{}: {}", self.entry, complaint.place);
        self.sink.complain(Complaint { place, ..complaint });
    }
}

/// Lets through only as many complaints as a person could want.
struct Counted<'a> {
    sink: &'a mut dyn Sink<Item>,
    left: usize,
}

impl Sink<Item> for Counted<'_> {
    fn record(&mut self, record: Item) {
        self.sink.record(record);
    }

    fn complain(&mut self, complaint: Complaint) {
        match self.left {
            0 => return,
            1 => self.sink.complain(Complaint {
                weight: complaint.weight,
                place: complaint.place,
                message: format!(
                    "{}; no more complaints are listed after this one",
                    complaint.message
                ),
            }),
            _ => self.sink.complain(complaint),
        }
        self.left -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::reading::Kept;
    use std::io::Write;

    const KEV: &[u8] = include_bytes!("../../../../testdata/feeds/kev/excerpt/input.json");
    const RECORD: &[u8] = include_bytes!("../../../../testdata/feeds/cve-5/philips/input.json");

    /// What came of a file: how many records, what was complained of, how it ended.
    fn taken(bytes: &[u8], name: &str, limits: &Limits) -> (usize, Vec<String>, String) {
        let mut kept = Kept::default();
        let ended = read(&mut Cursor::new(bytes), name, limits, &mut kept);
        let records = kept.records.iter().filter(|item| matches!(item, Item::Knowledge(_))).count();
        let complaints = kept.complaints.iter().map(ToString::to_string).collect();
        (records, complaints, ended.err().map_or_else(String::new, |error| error.to_string()))
    }

    #[track_caller]
    fn check(bytes: &[u8], name: &str, records: usize, complaints: &[&str], ended: &str) {
        let actual = taken(bytes, name, &Limits::default());
        let complaints = complaints.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(actual, (records, complaints, ended.to_owned()));
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    fn zstandard(plain: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(plain, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// An entry of a zip archive, with its flags, method and checksum as given.
    struct Entry<'a> {
        name: &'a str,
        flags: u16,
        method: u16,
        crc: u32,
        packed: Vec<u8>,
        plain_bytes: u32,
    }

    impl<'a> Entry<'a> {
        fn deflated(name: &'a str, plain: &[u8]) -> Entry<'a> {
            let mut packer =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(plain).unwrap();
            let packed = packer.finish().unwrap();
            Entry { method: 8, packed, ..Entry::stored(name, plain) }
        }

        fn stored(name: &'a str, plain: &[u8]) -> Entry<'a> {
            let plain_bytes = u32::try_from(plain.len()).unwrap();
            let mut crc = libdeflater::Crc::new();
            crc.update(plain);
            let crc = crc.sum();
            Entry { name, flags: 0, method: 0, crc, packed: plain.to_vec(), plain_bytes }
        }

        fn head(&self) -> Vec<u8> {
            let mut head = Vec::new();
            head.extend(20_u16.to_le_bytes());
            head.extend(self.flags.to_le_bytes());
            head.extend(self.method.to_le_bytes());
            head.extend([0; 4]);
            head.extend(self.crc.to_le_bytes());
            head.extend(u32::try_from(self.packed.len()).unwrap().to_le_bytes());
            head.extend(self.plain_bytes.to_le_bytes());
            head.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
            head.extend([0; 2]);
            head
        }
    }

    fn zipped(entries: &[Entry<'_>]) -> Vec<u8> {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for entry in entries {
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(entry.head());
            directory.extend([0; 10]);
            directory.extend(u32::try_from(archive.len()).unwrap().to_le_bytes());
            directory.extend(entry.name.as_bytes());
            archive.extend(b"PK\x03\x04");
            archive.extend(entry.head());
            archive.extend(entry.name.as_bytes());
            archive.extend(&entry.packed);
        }
        let at = u32::try_from(archive.len()).unwrap();
        let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
        archive.extend(&directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([count, count].concat());
        archive.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
        archive.extend(at.to_le_bytes());
        archive.extend(b"\x04\0end!");
        archive
    }

    #[test]
    fn wrappings_make_no_difference() {
        let kev = "three entries of the catalogue";
        let utf16: Vec<u8> =
            std::str::from_utf8(KEV).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut two_frames = zstandard(&KEV[..300]);
        two_frames.extend(b"\x50\x2a\x4d\x18\x04\0\0\0skip");
        two_frames.extend(zstandard(&KEV[300..]));
        let mut parts = gzip(&KEV[..300]);
        parts.extend(gzip(&KEV[300..]));
        for (bytes, name) in [
            (KEV.to_vec(), kev),
            ([BOM, KEV].concat(), "with a byte order mark"),
            ([&b"\xff\xfe"[..], &utf16].concat(), "as UTF-16"),
            (gzip(KEV), "gzip"),
            (parts, "gzip in two members"),
            (zstandard(KEV), "Zstandard"),
            (two_frames, "Zstandard in two frames and one to skip"),
            (zipped(&[Entry::deflated("kev.json", KEV)]), "zip"),
            (zipped(&[Entry::stored("kev.json.gz", &gzip(KEV))]), "gzip in zip"),
            (gzip(&zipped(&[Entry::deflated("kev.json", KEV)])), "zip in gzip"),
        ] {
            check(&bytes, name, 3, &[], "");
        }
    }

    #[test]
    fn one_bad_entry_does_not_spoil_the_archive() {
        let mut wrong_sum = Entry::stored("sum.json", RECORD);
        wrong_sum.crc ^= 1;
        let mut longer = Entry::deflated("longer.json", RECORD);
        longer.plain_bytes -= 1;
        let archive = zipped(&[
            Entry::deflated("good.json", RECORD),
            Entry::deflated("../../etc/cron.json", RECORD),
            Entry::deflated("/root.json", RECORD),
            Entry::deflated("C:\\windows.json", RECORD),
            Entry { flags: 1, ..Entry::stored("secret.json", RECORD) },
            Entry { method: 14, ..Entry::stored("lzma.json", RECORD) },
            wrong_sum,
            longer,
            Entry::stored("folder/", b""),
            Entry::stored("cut.json", &RECORD[..200]),
            Entry::stored("photo.jpg", b"\xff\xd8\xff\xe0 JFIF"),
            Entry::stored("README.md", b"Read me."),
            Entry::stored("also-good.json", RECORD),
        ]);
        let leads_out = "the entry's name leads out of the archive";
        check(
            &archive,
            "cves.zip",
            4,
            &[
                &format!("refused at ../../etc/cron.json: {leads_out}"),
                &format!("refused at /root.json: {leads_out}"),
                &format!("refused at C:\\windows.json: {leads_out}"),
                "refused at secret.json: an encrypted entry at secret.json, expected a zip archive with stored or deflated entries",
                "refused at lzma.json: compression method 14 at lzma.json, expected a zip archive with stored or deflated entries",
                "refused at sum.json: a wrong checksum at sum.json, expected a zip archive with stored or deflated entries",
                "refused at longer.json: another size than its directory says at longer.json, expected a zip archive with stored or deflated entries",
                "refused at cut.json: the document ends at line 9, column 21, expected the rest of the JSON document",
                "refused at photo.jpg: not a document of a known format: it begins \"\u{fffd}\u{fffd}\u{fffd}\u{fffd} JFIF\"",
            ],
            "",
        );
    }

    #[test]
    fn a_cut_file_keeps_what_came_before() {
        let json = KEV;
        check(
            &json[..1200],
            "kev.json",
            2,
            &[],
            "the document ends at byte 1200, in vulnerabilities[2], expected the rest of the JSON document",
        );
        let packed = gzip(json);
        let (_, _, ended) = taken(&packed[..packed.len() - 20], "kev.json.gz", &Limits::default());
        assert!(ended.starts_with("the document ends at"), "{ended}");
        let packed = zstandard(json);
        let (_, _, ended) = taken(&packed[..packed.len() - 20], "kev.json.zst", &Limits::default());
        assert!(ended.starts_with("the document ends at"), "{ended}");
        let archive = zipped(&[Entry::deflated("kev.json", json)]);
        let (_, _, ended) = taken(&archive[..archive.len() - 30], "kev.zip", &Limits::default());
        assert_eq!(ended, "the document ends at its end, expected a zip directory");
    }

    #[test]
    fn a_damaged_zstandard_frame_is_noticed() {
        let mut packed = zstandard(KEV);
        let last = packed.len() - 1;
        packed[last] ^= 0xff;
        let (_, _, ended) = taken(&packed, "kev.json.zst", &Limits::default());
        assert!(ended.starts_with("reading failed"), "{ended}");
    }

    #[test]
    fn a_bomb_is_stopped_while_it_goes_off() {
        let filler = "x".repeat(70 << 20);
        let bomb = format!("{{\"catalogVersion\": \"{filler}\"}}");
        let too_much =
            "what it unpacks to at bomb.json.gz is more than the 50 times its packed size allowed";
        let limits = Limits { unpack_ratio: 50, ..Limits::default() };
        assert_eq!(taken(&gzip(bomb.as_bytes()), "bomb.json.gz", &limits).2, too_much);
        let in_zip = zipped(&[
            Entry::deflated("bomb.json", bomb.as_bytes()),
            Entry::deflated("kev.json", KEV),
        ]);
        let (records, complaints, ended) = taken(&in_zip, "bomb.zip", &limits);
        assert_eq!((records, complaints.len(), ended.as_str()), (3, 1, ""), "{complaints:?}");
        let small = Limits { unpacked_bytes: 1000, ..Limits::default() };
        let total = "what the file unpacks to at kev.json.gz is more than the 1000 bytes allowed";
        assert_eq!(taken(&gzip(KEV), "kev.json.gz", &small).2, total);
        let total =
            "what the file unpacks to at kev.zip/kev.json is more than the 1000 bytes allowed";
        assert_eq!(taken(&zipped(&[Entry::deflated("kev.json", KEV)]), "kev.zip", &small).2, total);
    }

    #[test]
    fn archives_in_archives_have_a_bottom() {
        let mut nested = KEV.to_vec();
        for _ in 0..5 {
            nested = gzip(&nested);
        }
        let ended = "the depth of archives in archives at kev.json is more than the 3 allowed";
        check(&nested, "kev.json", 0, &[], ended);
    }

    #[test]
    fn a_record_or_archive_beyond_its_bounds_is_refused() {
        let limits = Limits { record_bytes: 600, entries: 2, ..Limits::default() };
        let (records, complaints, _) = taken(KEV, "kev.json", &limits);
        assert_eq!((records, complaints.len()), (3, 0), "{complaints:?}");
        let (_, _, ended) = taken(RECORD, "record.json", &limits);
        assert_eq!(ended, "the document at its end is more than the 600 bytes allowed");
        let three = zipped(&["a", "b", "c"].map(|name| Entry::stored(name, KEV)));
        let ended = "the number of entries at the archive is more than the 2 allowed";
        assert_eq!(taken(&three, "three.zip", &limits).2, ended);
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        let deep = "[".repeat(200_000);
        let record = format!("{{\"dataType\": \"CVE_RECORD\", \"x\": {deep}");
        let (_, _, ended) = taken(record.as_bytes(), "deep.json", &Limits::default());
        assert!(ended.starts_with("the document ends at"), "{ended}");
        let tree = "{\"category\":\"vendor\",\"name\":\"x\",\"branches\":[".repeat(5000);
        let csaf = format!(
            "{{\"document\":{{\"csaf_version\":\"2.0\",\"publisher\":{{\"name\":\"x\"}},\"tracking\":{{\"id\":\"x\"}}}},\"product_tree\":{{\"branches\":[{tree}{}]}}}}",
            "]}".repeat(5000)
        );
        let (_, complaints, ended) = taken(csaf.as_bytes(), "deep.json", &Limits::default());
        assert_eq!(ended, "");
        assert_eq!(complaints.len(), 1);
        assert!(
            complaints[0].starts_with("refused at product_tree: recursion limit exceeded"),
            "{complaints:?}"
        );
    }

    #[test]
    fn complaints_have_an_end() {
        let entries = "7,".repeat(50);
        let kev = format!("{{\"catalogVersion\":\"1\",\"vulnerabilities\":[{entries}7]}}");
        let limits = Limits { complaints: 3, ..Limits::default() };
        let (_, complaints, _) = taken(kev.as_bytes(), "kev.json", &limits);
        assert_eq!(complaints.len(), 3);
        assert!(complaints[2].ends_with("no more complaints are listed after this one"));
    }
}
