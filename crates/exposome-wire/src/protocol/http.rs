//! HTTP/1.1 (RFC 9112): who asks with what program, what answers, and bodies in which a device names itself.
//!
//! Of headers only a few are read.  A page's title is kept only of the page at
//! `/`: further in, a title may name a patient.  Bodies are handed to whoever
//! knows them ([`super::sdc`], [`super::fhir`]), which take what their own
//! allow-lists name; everything else is passed over.

use crate::base64;
use crate::bytes::begins;
use crate::inflate::Packing;
use crate::notes::Notes;
use crate::protocol::{documents, ntlm};
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;

/// The methods of RFC 9110 and of WebDAV (RFC 4918), and UPnP's eventing.
const METHODS: [&[u8]; 18] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"OPTIONS ",
    b"DELETE ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
    b"PROPFIND ",
    b"SUBSCRIBE ",
    b"UNSUBSCRIBE ",
    b"NOTIFY ",
    b"REPORT ",
    b"MKCOL ",
    b"COPY ",
    b"MOVE ",
    b"LOCK ",
];

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if bytes.starts_with(b"HTTP/1.") {
        return Some(Sound::Server);
    }
    is_request(bytes).then_some(Sound::Client)
}

fn first_line(head: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let (line, fields) = head.split_at(end);
    (line.trim_ascii_end(), fields)
}

/// FNV-1a, which is enough to tell whether a target is the one before.
fn target_digest(target: &[u8]) -> u64 {
    let target = target.get(..256).unwrap_or(target);
    target.iter().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A method, and in the same line the version.
fn is_request(bytes: &[u8]) -> bool {
    let Some(&letter) = bytes.first() else { return false };
    letter.is_ascii_uppercase()
        && METHODS.iter().any(|method| bytes.starts_with(method))
        && memchr::memchr(b'\n', bytes).is_none_or(|end| {
            memchr::memmem::find(bytes.get(..end).unwrap_or_default(), b" HTTP/1.").is_some()
        })
}

/// After so many a stream of reports is known for what it is.
const DULL_MAX: u8 = 4;
/// A head longer than this says nothing of a device.
const HEAD_MAX: usize = 16 << 10;
/// What is looked at of a body: more than any device's description has.
const BODY_MAX: usize = 48 << 10;
/// Requests whose answers have not come; a client that asks further ahead is followed no longer.
const ASKED_MAX: usize = 16;

/// Reads a connection.
#[derive(Debug, Default)]
pub(crate) struct Http {
    /// What the client asked for and was not answered yet, oldest first.
    asked: std::collections::VecDeque<Asked>,
    /// The message of this side whose body comes next.
    body: Sides<Option<Body>>,
    /// The target to which the client has sent one document after another in which nothing was to be read, and how many.
    dull: (u64, u8),
}

/// A request, as far as its answer hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    page: Page,
    is_head: bool,
    subject: documents::Subject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Start,
    /// Orthanc's description of itself.
    System,
    Other,
}

/// A body to come.
#[derive(Debug, Clone, Copy)]
struct Body {
    len: Length,
    packing: Option<Packing>,
    kind: Kind,
    asked: Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
    /// Until the connection closes.
    Open,
}

/// What a body is, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Xml,
    Json,
    Html,
    Other,
}

const NOTHING_ASKED: Asked =
    Asked { page: Page::Other, is_head: false, subject: documents::Subject::Unknown };

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Http::default())
}

impl Reader for Http {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if let Some(body) = *self.body.of(from) {
            return self.body(from, body, bytes, notes);
        }
        let looked_at = bytes.get(..HEAD_MAX).unwrap_or(bytes);
        let Some((end, after)) = head_end(looked_at) else {
            let is_http = recognise_start(bytes);
            return if is_http && bytes.len() < HEAD_MAX {
                Step::Wait(bytes.len() + 1)
            } else {
                Step::Over
            };
        };
        let head = bytes.get(..end).unwrap_or_default();
        let body = match from {
            Side::Client => self.request(head, notes),
            Side::Server => self.response(head, notes),
        };
        match body {
            Told::Switched | Told::NotHttp => return Step::Over,
            Told::Body(body) if body.len != Length::Known(0) => {
                *self.body.of_mut(from) = Some(body);
            }
            Told::Body(_) => {}
        }
        Step::Took(after)
    }

    fn lost(&mut self, from: Side) {
        *self.body.of_mut(from) = None;
        self.asked.clear();
    }
}

enum Told {
    Body(Body),
    /// Another protocol follows.
    Switched,
    NotHttp,
}

/// Where a head ends, at an empty line, and where what follows begins; some leave out the carriage returns (RFC 9112,
/// 2.2).
fn head_end(text: &[u8]) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'\n', text).find_map(|at| match text.get(at + 1..)? {
        [b'\n', ..] => Some((at, at + 2)),
        [b'\r', b'\n', ..] => Some((at, at + 3)),
        _ => None,
    })
}

/// Whether a text may become a head.
fn recognise_start(bytes: &[u8]) -> bool {
    let begins_like = |with: &[u8]| {
        let len = with.len().min(bytes.len());
        bytes.get(..len) == with.get(..len)
    };
    begins_like(b"HTTP/1.") || METHODS.iter().any(|it| begins_like(it))
}

impl Http {
    fn request(&mut self, head: &[u8], notes: &mut Notes<'_>) -> Told {
        let (line, fields) = first_line(head);
        let mut words = line.split(|it| *it == b' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Told::NotHttp;
        };
        if method == b"CONNECT" {
            return Told::Switched;
        }
        let page = match target {
            b"/" => Page::Start,
            b"/system" => Page::System,
            _ => Page::Other,
        };
        let digest = target_digest(target);
        if digest != self.dull.0 {
            self.dull = (digest, 0);
        }
        let subject = if self.dull.1 >= DULL_MAX {
            documents::Subject::Other
        } else {
            documents::of_target(target)
        };
        let asked = Asked { page, is_head: method == b"HEAD", subject };
        let mut body = Body::default_of(asked, Length::Known(0));
        for (name, value) in headers(fields) {
            match known(name) {
                Some(Field::UserAgent) => notes.sender(Property::UserAgent, value),
                Some(Field::Host) => host(value, notes),
                Some(Field::Authorization) => authorization(value, notes),
                Some(field) => body.take(field, value),
                None => {}
            }
        }
        if self.asked.len() < ASKED_MAX {
            self.asked.push_back(asked);
        }
        Told::Body(body)
    }

    fn response(&mut self, head: &[u8], notes: &mut Notes<'_>) -> Told {
        let (line, fields) = first_line(head);
        let status = line.get(9..12).unwrap_or_default();
        if !line.starts_with(b"HTTP/1.") || !status.iter().all(u8::is_ascii_digit) {
            return Told::NotHttp;
        }
        if status == b"101" {
            return Told::Switched;
        }
        let is_interim = status.starts_with(b"1");
        let asked = if is_interim {
            NOTHING_ASKED
        } else {
            self.asked.pop_front().unwrap_or(NOTHING_ASKED)
        };
        let mut body = Body::default_of(asked, Length::Open);
        for (name, value) in headers(fields) {
            match known(name) {
                Some(Field::Server) => notes.sender(Property::HttpServer, value),
                Some(Field::Authenticate) => {
                    if let Some(realm) = parameter(value, b"realm") {
                        notes.sender(Property::HttpRealm, realm);
                    }
                    authorization(value, notes);
                }
                Some(field) => body.take(field, value),
                None => {}
            }
        }
        // These have no body (RFC 9112, 6.3).
        if is_interim || asked.is_head || matches!(status, b"204" | b"304") {
            body.len = Length::Known(0);
        }
        Told::Body(body)
    }

    fn body(&mut self, from: Side, body: Body, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let is_wanted = body.is_wanted();
        match body.len {
            Length::Known(len) => {
                let wanted = len.min(BODY_MAX);
                if is_wanted && bytes.len() < wanted {
                    return Step::Wait(wanted);
                }
                *self.body.of_mut(from) = None;
                if is_wanted {
                    let text = bytes.get(..wanted).unwrap_or_default();
                    self.read_body(from, body, text, notes);
                }
                Step::Took(len.max(1))
            }
            Length::Chunked => self.chunk(from, body, bytes, notes),
            Length::Open => {
                // A page says its title at once.
                if is_wanted {
                    let text = bytes.get(..BODY_MAX).unwrap_or(bytes);
                    self.read_body(from, body, text, notes);
                }
                Step::Over
            }
        }
    }

    /// A body in chunks (RFC 9112, 7.1): those that lie together in memory are read as one.
    fn chunk(&mut self, from: Side, body: Body, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let is_wanted = body.is_wanted();
        let mut text: Vec<u8> = Vec::new();
        let mut rest = bytes;
        loop {
            let Some(end) = memchr::memchr(b'\n', rest.get(..256).unwrap_or(rest)) else {
                return if rest.len() >= 256 { Step::Over } else { Step::Wait(bytes.len() + 1) };
            };
            let Some(len) = chunk_len(rest.get(..end).unwrap_or_default()) else {
                return Step::Over;
            };
            let after = bytes.len() - rest.len() + end + 1;
            if len == 0 {
                *self.body.of_mut(from) = None;
                if is_wanted {
                    self.read_body(from, body, &text, notes);
                }
                // The end of the trailer; there mostly is none.
                return Step::Took(after + 2);
            }
            if !is_wanted {
                // To the next chunk, wherever it is.
                return Step::Took(after.saturating_add(len).saturating_add(2));
            }
            let chunk = bytes.get(after..).unwrap_or_default();
            let next = chunk.get(len + 2..);
            let room = BODY_MAX.saturating_sub(text.len());
            text.extend_from_slice(chunk.get(..len.min(room)).unwrap_or(chunk));
            if text.len() >= BODY_MAX {
                // Enough was seen; the rest is passed over chunk by chunk.
                self.read_body(from, body, &text, notes);
                *self.body.of_mut(from) = Some(Body { kind: Kind::Other, ..body });
                return Step::Took(after.saturating_add(len).saturating_add(2));
            }
            let Some(next) = next else {
                let wanted = after.saturating_add(len).saturating_add(2);
                if wanted <= BODY_MAX {
                    return Step::Wait(wanted);
                }
                self.read_body(from, body, &text, notes);
                *self.body.of_mut(from) = Some(Body { kind: Kind::Other, ..body });
                return Step::Took(wanted);
            };
            rest = next;
        }
    }

    fn read_body(&mut self, from: Side, body: Body, text: &[u8], notes: &mut Notes<'_>) {
        let Body { packing, asked, .. } = body;
        let subject = match body.kind {
            Kind::Xml => documents::xml(asked.subject, packing, text, notes),
            Kind::Json => {
                let read = |json: &[u8], notes: &mut Notes<'_>| {
                    documents::json(json, asked.page == Page::System, notes);
                };
                unpacked(packing, text, BODY_MAX, notes, read);
                return;
            }
            Kind::Html => return unpacked(packing, text, BODY_MAX, notes, documents::page),
            Kind::Other => return,
        };
        // What a request asks for decides whether its answer is worth reading.
        if from == Side::Client
            && let Some(asked) = self.asked.back_mut()
        {
            asked.subject = subject;
            self.dull.1 = if subject == documents::Subject::Other { self.dull.1 + 1 } else { 0 };
        }
    }
}

/// Gives a body to whoever reads it, inflated where it is packed.
pub(crate) fn unpacked(
    packing: Option<Packing>,
    text: &[u8],
    cap: usize,
    notes: &mut Notes<'_>,
    read: impl FnOnce(&[u8], &mut Notes<'_>),
) {
    match packing {
        None => read(text, notes),
        Some(packing) => {
            let plain = notes.inflater.inflate(packing, text, cap).to_vec();
            read(&plain, notes);
        }
    }
}

impl Body {
    fn default_of(asked: Asked, len: Length) -> Body {
        Body { len, packing: None, kind: Kind::Other, asked }
    }

    fn take(&mut self, field: Field, value: &[u8]) {
        match field {
            Field::Length => {
                let len = std::str::from_utf8(value).ok().and_then(|it| it.trim().parse().ok());
                if self.len != Length::Chunked {
                    self.len = Length::Known(len.unwrap_or(0));
                }
            }
            Field::Transfer if value.to_ascii_lowercase().ends_with(b"chunked") => {
                self.len = Length::Chunked;
            }
            Field::Encoding => {
                self.packing = match value.to_ascii_lowercase().as_slice() {
                    b"gzip" | b"x-gzip" => Some(Packing::Gzip),
                    b"deflate" => Some(Packing::Deflate),
                    _ => None,
                };
            }
            Field::Kind => {
                let kind = value.split(|it| *it == b';').next().unwrap_or_default();
                let kind = kind.trim_ascii().to_ascii_lowercase();
                self.kind = match kind.as_slice() {
                    b"text/html" | b"application/xhtml+xml" => Kind::Html,
                    it if it.ends_with(b"/json") || it.ends_with(b"+json") => Kind::Json,
                    it if it.ends_with(b"/xml") || it.ends_with(b"+xml") => Kind::Xml,
                    _ => Kind::Other,
                };
            }
            _ => {}
        }
    }

    /// Whether anybody reads what follows.
    fn is_wanted(&self) -> bool {
        match self.kind {
            Kind::Html => self.asked.page == Page::Start,
            Kind::Xml => self.asked.subject.is_wanted(),
            Kind::Json => self.asked.page == Page::System || self.asked.subject.is_wanted(),
            Kind::Other => false,
        }
    }
}

/// The header fields that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Server,
    UserAgent,
    Host,
    Authorization,
    Authenticate,
    Length,
    Transfer,
    Encoding,
    Kind,
}

const FIELDS: [(&[u8], Field); 11] = [
    (b"server", Field::Server),
    (b"user-agent", Field::UserAgent),
    // What some SOAP libraries make of it.
    (b"user_agent", Field::UserAgent),
    (b"host", Field::Host),
    (b"authorization", Field::Authorization),
    (b"www-authenticate", Field::Authenticate),
    (b"content-length", Field::Length),
    (b"transfer-encoding", Field::Transfer),
    (b"content-encoding", Field::Encoding),
    (b"content-type", Field::Kind),
    (b"proxy-authenticate", Field::Authenticate),
];

fn known(name: &[u8]) -> Option<Field> {
    let is_it = |(known, _): &&(&[u8], Field)| {
        known.len() == name.len() && known.eq_ignore_ascii_case(name)
    };
    FIELDS.iter().find(is_it).map(|(_, field)| *field)
}

/// More lines than any head has.
const LINES_MAX: usize = 100;

/// Names and values of the lines of a head; the first line, where it is one, has no colon after its first word.
pub(crate) fn headers(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = head;
    let mut lines = 0;
    std::iter::from_fn(move || {
        while !rest.is_empty() && lines < LINES_MAX {
            lines += 1;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = line.split_at(colon);
            let name = name.trim_ascii();
            if !name.is_empty() && !name.contains(&b' ') {
                return Some((name, value.get(1..).unwrap_or_default().trim_ascii()));
            }
        }
        None
    })
}

/// What the client calls the server; its own address is no name.
fn host(value: &[u8], notes: &mut Notes<'_>) {
    let name = match memchr::memrchr(b':', value) {
        Some(colon) if !value.starts_with(b"[") => value.get(..colon).unwrap_or(value),
        _ => value,
    };
    let is_address = std::str::from_utf8(name)
        .is_ok_and(|it| it.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok());
    if !is_address {
        notes.receiver(Property::CalledName, name);
    }
}

/// `NTLM TlRMTVNTUAAC...`; what else stands there is a secret and is not looked at.
fn authorization(value: &[u8], notes: &mut Notes<'_>) {
    let token = [&b"NTLM "[..], b"Negotiate "]
        .iter()
        .find_map(|scheme| begins(value, scheme).then(|| value.get(scheme.len()..)).flatten());
    if let Some(token) = token
        && let Some(token) = base64::decoded(token.get(..8192).unwrap_or(token))
    {
        ntlm::find(&token, notes);
    }
}

/// `realm="..."`
fn parameter<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(value, name)? + name.len();
    let rest = value.get(at..)?.strip_prefix(b"=\"")?;
    rest.get(..memchr::memchr(b'"', rest)?)
}

fn chunk_len(line: &[u8]) -> Option<usize> {
    let digits = line.split(|it| *it == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.len() > 8 {
        return None;
    }
    usize::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_from_any_other_text() {
        let check = |text: &[u8], expected: bool| assert_eq!(is_request(text), expected);
        check(b"GET / HTTP/1.1\r\n", true);
        check(b"GET /a-long-target-that-is-cut", true);
        check(b"GET READY\r\n", false);
        check(b"get / HTTP/1.1\r\n", false);
        check(b"", false);
    }

    #[test]
    fn the_length_of_a_chunk_is_hexadecimal() {
        assert_eq!(chunk_len(b"1a;name=value\r"), Some(26));
        assert_eq!(chunk_len(b"fffffffff"), None);
        assert_eq!(chunk_len(b"x"), None);
    }
}
