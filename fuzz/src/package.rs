//! A zip archive (PKWARE APPNOTE 4.3) made of anything, so that the fuzzer gets past checksums.

/// Cuts an input into named parts: a line `=== name` opens each.
pub(crate) fn parts(bytes: &[u8]) -> Vec<(String, &[u8])> {
    let mut parts: Vec<(String, &[u8])> = Vec::new();
    let mut rest = bytes;
    while let Some(after) = rest.strip_prefix(MARK) {
        let end = after.iter().position(|&byte| byte == b'\n').unwrap_or(after.len());
        let (name, content) = after.split_at(end);
        let content = content.strip_prefix(b"\n").unwrap_or(content);
        let next = before_mark(content);
        let (content, following) = content.split_at(next);
        parts.push((String::from_utf8_lossy(name).into_owned(), content));
        rest = following;
    }
    parts
}

const MARK: &[u8] = b"=== ";

fn before_mark(content: &[u8]) -> usize {
    content.windows(MARK.len()).position(|at| at == MARK).unwrap_or(content.len())
}

/// An archive of stored entries; sizes and checksums are right.
pub(crate) fn zip<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let (mut archive, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, content) in parts.take(50) {
        let at = length(archive.len());
        let both = both_headers(name, content);
        archive.extend(b"PK\x03\x04");
        archive.extend(&both);
        archive.extend(name.as_bytes());
        archive.extend(content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&both);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
        count += 1;
    }
    let (at, size) = (length(archive.len()), length(directory.len()));
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(size.to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// What the local header and the directory say alike: version, flags, method, time, sums, lengths.
fn both_headers(name: &str, content: &[u8]) -> Vec<u8> {
    let size = length(content.len()).to_le_bytes();
    let name_bytes = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    let mut header = vec![0x14, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
    header.extend(crc32fast::hash(content).to_le_bytes());
    header.extend(size);
    header.extend(size);
    header.extend(name_bytes);
    header.extend([0; 2]);
    header
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_intake::{Item, Limits, read};
    use exposome_model::reading::Kept;
    use std::io::Cursor;

    #[test]
    fn the_parts_of_an_input_are_the_entries_of_an_archive() {
        let parts = parts(b"=== a.csv\nname,model\npump,8015\n=== b.txt\nnothing");
        let archive = zip(parts.iter().map(|(name, content)| (name.as_str(), *content)));
        let mut sink = Kept::<Item>::default();
        read(&mut Cursor::new(archive), "x.zip", &Limits::default(), &mut sink).unwrap();
        let opened = sink.records.iter().filter(|item| matches!(item, Item::Opened { .. })).count();
        assert_eq!((parts.len(), opened), (2, 1), "{sink:?}");
        assert!(sink.records.iter().any(|item| matches!(item, Item::Sheet(_))), "{sink:?}");
    }
}
