//! Mail handed in at the hospital's server (RFC 5321, RFC 6409): one message to one mailbox.
//!
//! Encrypted, or to this machine alone.  What a notice says never becomes a
//! header or a command: lines are ends of words, and the text travels as base64.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use exposome_server::errands::Mail;
use exposome_server::settings::{MailSecurity, MailServer};
use jiff::Timestamp;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

/// No server that works takes longer for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands in one message.
pub(crate) fn send(server: &MailServer, mail: &Mail, now: Timestamp) -> Result<()> {
    let place = format!("{}:{}", server.host, server.port);
    let address = place.to_socket_addrs().with_context(|| format!("{place} is not found"))?.next();
    let address = address.with_context(|| format!("{place} has no address"))?;
    if server.security == MailSecurity::None && !address.ip().is_loopback() {
        bail!("mail in the open goes to this machine alone, and {place} is another: set security");
    }
    let stream = TcpStream::connect_timeout(&address, PATIENCE)
        .with_context(|| format!("{place} does not answer"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    match server.security {
        MailSecurity::None => {
            let mut talk = Talk::new(stream);
            talk.greeted()?;
            talk.hand_in(server, mail, now)
        }
        MailSecurity::Tls => {
            let mut talk = Talk::new(encrypted(server, stream)?);
            talk.greeted()?;
            talk.hand_in(server, mail, now)
        }
        MailSecurity::Starttls => {
            let mut talk = Talk::new(stream);
            talk.greeted()?;
            talk.ask("EHLO exposome", 250)?;
            talk.ask("STARTTLS", 220)?;
            // RFC 3207, 4.2: what was said before counts no more, and nothing said in the open may be taken for
            // something said after.
            let stream = talk.nothing_left()?;
            Talk::new(encrypted(server, stream)?).hand_in(server, mail, now)
        }
    }
}

type Encrypted = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

fn encrypted(server: &MailServer, stream: TcpStream) -> Result<Encrypted> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(path) = &server.authority {
        for certificate in rustls::pki_types::CertificateDer::pem_file_iter(path)? {
            roots.add(certificate?)?;
        }
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(server.host.clone())?;
    let connection = rustls::ClientConnection::new(Arc::new(config), name)?;
    Ok(rustls::StreamOwned::new(connection, stream))
}

/// A talk with a mail server.
struct Talk<S: Read + Write> {
    stream: BufReader<S>,
}

impl<S: Read + Write> Talk<S> {
    fn new(stream: S) -> Talk<S> {
        Talk { stream: BufReader::new(stream) }
    }

    fn greeted(&mut self) -> Result<()> {
        self.heard(220)
    }

    /// The stream, if all that was said has been read.
    fn nothing_left(self) -> Result<S> {
        if !self.stream.buffer().is_empty() {
            bail!("the mail server said more before it was encrypted than it was asked for");
        }
        Ok(self.stream.into_inner())
    }

    fn hand_in(&mut self, server: &MailServer, mail: &Mail, now: Timestamp) -> Result<()> {
        self.ask("EHLO exposome", 250)?;
        if let (Some(login), Some(path)) = (&server.login, &server.password_file) {
            let password = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            // RFC 4616.
            let word = BASE64_STANDARD.encode(format!("\0{login}\0{}", password.trim_end()));
            self.ask(&format!("AUTH PLAIN {word}"), 235)
                .context("the mail server does not take the login")?;
        }
        self.ask(&format!("MAIL FROM:<{}>", address(&server.from)?), 250)?;
        self.ask(&format!("RCPT TO:<{}>", address(&mail.to)?), 250)?;
        self.ask("DATA", 354)?;
        self.stream.get_mut().write_all(message(server, mail, now).as_bytes())?;
        self.ask("\r\n.", 250)?;
        // It has taken it; how it says farewell is its own affair.
        let _ = self.ask("QUIT", 221);
        Ok(())
    }

    fn ask(&mut self, line: &str, expected: u16) -> Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        stream.flush()?;
        self.heard(expected)
    }

    /// RFC 5321, 4.2.1: lines with the same number, the last with a space behind it.
    fn heard(&mut self, expected: u16) -> Result<()> {
        for _ in 0..100 {
            let mut line = String::new();
            (&mut self.stream).take(1_000).read_line(&mut line)?;
            let number = line.get(..3).and_then(|it| it.parse::<u16>().ok());
            let Some(number) = number else { bail!("the mail server speaks no SMTP") };
            if line.as_bytes().get(3) == Some(&b'-') {
                continue;
            }
            if number == expected {
                return Ok(());
            }
            bail!("the mail server said {:?}", line.trim_end());
        }
        bail!("the mail server does not come to an end")
    }
}

/// A mailbox that can stand between brackets: no line, no bracket, nothing beyond ASCII.
fn address(mailbox: &str) -> Result<&str> {
    let is_plain =
        |it: u8| it.is_ascii_graphic() && !matches!(it, b'<' | b'>' | b'"' | b'\\' | b',');
    if mailbox.len() > 254 || !mailbox.contains('@') || !mailbox.bytes().all(is_plain) {
        bail!("{mailbox:?} is no mailbox that mail can be sent to");
    }
    Ok(mailbox)
}

/// The message (RFC 5322), as UTF-8 in base64.
fn message(server: &MailServer, mail: &Mail, now: Timestamp) -> String {
    let date = now.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000");
    let host = server.from.rsplit('@').next().unwrap_or("exposome");
    let mut lines = vec![
        format!("From: exposome <{}>", server.from),
        format!("To: <{}>", mail.to),
        format!("Subject: {}", encoded(&mail.subject)),
        format!("Date: {date}"),
        format!("Message-ID: <{}@{host}>", mail.id),
        "Auto-Submitted: auto-generated".to_owned(), // RFC 3834: no holiday notice answers it
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        "Content-Transfer-Encoding: base64".to_owned(),
        String::new(),
    ];
    let text = BASE64_STANDARD.encode(mail.text.replace('\n', "\r\n"));
    lines.extend(text.as_bytes().chunks(76).map(|it| String::from_utf8_lossy(it).into_owned()));
    lines.join("\r\n")
}

/// RFC 2047: words of base64, each at most 75 letters, none of which splits a character.
fn encoded(subject: &str) -> String {
    let mut words = vec![String::new()];
    for character in subject.chars().filter(|it| !it.is_control()).take(300) {
        if words.last().is_some_and(|it| it.len() + character.len_utf8() > 45) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let words: Vec<String> =
        words.iter().map(|it| format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(it))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn server(port: u16) -> MailServer {
        MailServer {
            host: "127.0.0.1".into(),
            port,
            security: MailSecurity::None,
            from: "exposome@hospital.example".into(),
            login: None,
            password_file: None,
            authority: None,
        }
    }

    fn mail(subject: &str, text: &str) -> Mail {
        Mail {
            to: "soc@hospital.example".into(),
            subject: subject.into(),
            text: text.into(),
            id: "n1".into(),
        }
    }

    /// A mail server of the test's own, which says what it is told to; gives back what it heard.
    fn heard(says: &'static [&'static str], mail: &Mail) -> (Result<()>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut heard = String::new();
            for answer in says {
                // Whoever is sending may have broken off; what was heard until then is what there is.
                if stream.write_all(answer.as_bytes()).is_err() {
                    break;
                }
                let begun = heard.len();
                let is_data = answer.starts_with("354");
                while reader.read_line(&mut heard).unwrap_or(0) > 0 {
                    if !is_data || heard[begun..].ends_with("\r\n.\r\n") {
                        break;
                    }
                }
            }
            heard
        });
        let sent = send(&server(port), mail, "2026-12-01T10:00:00Z".parse().unwrap());
        (sent, serving.join().unwrap())
    }

    const WELL: &[&str] = &[
        "220 hello\r\n",
        "250-mail\r\n250-SIZE 1000\r\n250 HELP\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "354 go on\r\n",
        "250 taken\r\n",
        "221 bye\r\n",
    ];

    #[test]
    fn a_mail_is_handed_in_and_nothing_in_it_becomes_a_command() {
        let (sent, heard) = heard(
            WELL,
            &mail("Pumpe\r\nBcc: x@evil.example\r\n\r\nä", "one\n.\nQUIT\nMAIL FROM:<x>\n"),
        );
        sent.unwrap();
        let expected = [
            "EHLO exposome",
            "MAIL FROM:<exposome@hospital.example>",
            "RCPT TO:<soc@hospital.example>",
            "DATA",
            "From: exposome <exposome@hospital.example>",
            "To: <soc@hospital.example>",
            "Subject: =?utf-8?B?UHVtcGVCY2M6IHhAZXZpbC5leGFtcGxlw6Q=?=",
            "Date: Tue, 01 Dec 2026 10:00:00 +0000",
            "Message-ID: <n1@hospital.example>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "",
            "b25lDQouDQpRVUlUDQpNQUlMIEZST006PHg+DQo=",
            ".",
            "QUIT",
        ];
        assert_eq!(heard.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_server_that_refuses_or_speaks_something_else_is_told_of() {
        for (says, words) in [
            (&["554 no\r\n"][..], "554 no"),
            (&["SSH-2.0-x\r\n"], "speaks no SMTP"),
            (&["220 hello\r\n", "250 ok\r\n", "550 you may not\r\n"], "550 you may not"),
        ] {
            let (sent, _) = heard(says, &mail("x", "y"));
            assert!(format!("{:#}", sent.unwrap_err()).contains(words), "{words}");
        }
        for bad in [
            "soc",
            "soc@hospital.example>\r\nRCPT TO:<x@evil.example",
            "a b@c.example",
            "<a@b.example>",
        ] {
            let to_bad = Mail { to: bad.into(), ..mail("x", "y") };
            let (sent, heard) = heard(WELL, &to_bad);
            assert!(sent.is_err() && !heard.contains("RCPT"), "{bad}: {heard}");
        }
    }

    #[test]
    fn a_long_subject_is_broken_between_characters() {
        let subject = encoded(&"ä€😀".repeat(30));
        assert!(subject.split("\r\n ").all(|it| it.len() <= 75), "{subject}");
        let decoded: String = subject
            .split("\r\n ")
            .map(|it| {
                String::from_utf8(BASE64_STANDARD.decode(&it[10..it.len() - 2]).unwrap()).unwrap()
            })
            .collect();
        assert_eq!(decoded, "ä€😀".repeat(30));
    }

    #[test]
    fn mail_in_the_open_leaves_this_machine_for_nobody() {
        let elsewhere = MailServer { host: "192.0.2.1".into(), ..server(25) };
        let error = send(&elsewhere, &mail("x", "y"), Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(error.to_string().contains("this machine alone"), "{error}");
    }
}
