//! Frames of an interface as they pass, from the kernel itself (packet(7)): no library of another project.
//!
//! A socket of this kind only listens: it is never written to.  What the kernel had
//! to drop because nobody fetched it in time is counted by the kernel and told with
//! what was heard.  Where a card has taken a VLAN tag off, it is put back in its
//! place, so that a frame looks as it did on the wire.

#![expect(unsafe_code, reason = "the kernel's packet sockets have no safe interface in std")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "constants of the kernel that its structures hold in 16 bits"
)]

use exposome_wire::capture::{Frame, Link};
use std::ffi::CString;
use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::time::Duration;

/// A listening interface.
#[derive(Debug)]
pub struct Live {
    socket: OwnedFd,
    /// A loopback shows each frame twice: as it leaves and as it arrives.
    is_loopback: bool,
    /// Four bytes are left free in front for a VLAN tag.
    buffer: Box<[u8]>,
    counts: Counts,
}

/// What the kernel counts for a socket, since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every frame that passed, those that were dropped included.
    pub passed: u64,
    /// Frames for which there was no room.
    pub dropped: u64,
}

/// Why an interface is not heard.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no interface {name:?}")]
    NoInterface { name: String },
    #[error("listening needs the right to open packet sockets (CAP_NET_RAW, or root)")]
    NotAllowed,
    #[error("{name:?} is no Ethernet (its kind is {kind})")]
    NotEthernet { name: String, kind: u16 },
    #[error("the kernel refuses {what}")]
    Kernel { what: &'static str, source: io::Error },
}

/// No frame of Ethernet is larger, nor what a card has put together of several.
const FRAME_BYTES_MAX: usize = 1 << 16;
const TAG_BYTES: usize = 4;
/// What the kernel may hold until it is fetched.
const WAITING_BYTES: libc::c_int = 32 << 20;
/// Both addresses; a tag stands behind them.
const ADDRESS_BYTES: usize = 12;

impl Live {
    /// Listens to everything on an interface from now on.
    pub fn open(name: &str) -> Result<Live, Error> {
        Live::with_room(name, WAITING_BYTES)
    }

    fn with_room(name: &str, waiting_bytes: libc::c_int) -> Result<Live, Error> {
        let no_interface = || Error::NoInterface { name: name.to_owned() };
        let c_name = CString::new(name).map_err(|_| no_interface())?;
        // SAFETY: the name is a C string that outlives the call.
        let index = unsafe { libc::if_nametoindex(c_name.as_ptr()) };
        let index = libc::c_int::try_from(index).ok().filter(|it| *it > 0);
        let index = index.ok_or_else(no_interface)?;
        // No protocol yet: nothing is heard before the socket is bound to its interface.
        // SAFETY: plain numbers; the result is checked before it is used.
        let socket =
            unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        if socket < 0 {
            let source = io::Error::last_os_error();
            return Err(match source.kind() {
                io::ErrorKind::PermissionDenied => Error::NotAllowed,
                _ => Error::Kernel { what: "a packet socket", source },
            });
        }
        // SAFETY: the descriptor was just made and belongs to nobody else.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        let live = Live {
            socket,
            is_loopback: false,
            buffer: vec![0; TAG_BYTES + FRAME_BYTES_MAX].into_boxed_slice(),
            counts: Counts::default(),
        };
        live.set("room for frames", (libc::SOL_SOCKET, libc::SO_RCVBUF), &waiting_bytes)?;
        // More than everybody may have; only some may ask for it.
        let _ = live.set("room", (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE), &waiting_bytes);
        let on: libc::c_int = 1;
        live.set("VLAN tags", (libc::SOL_PACKET, libc::PACKET_AUXDATA), &on)?;
        live.set("times", (libc::SOL_SOCKET, libc::SO_TIMESTAMPNS), &on)?;
        live.bind(name, index)
    }

    fn bind(mut self, name: &str, index: libc::c_int) -> Result<Live, Error> {
        // SAFETY: all bytes zero are a valid address of this kind.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        address.sll_family = libc::AF_PACKET as libc::c_ushort;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = index;
        // SAFETY: the address is of the size that is given, and outlives the call.
        let bound = unsafe {
            libc::bind(self.socket.as_raw_fd(), (&raw const address).cast(), size_of_val(&address))
        };
        self.checked("to bind to the interface", bound)?;
        let mut length = size_of_val(&address);
        // SAFETY: the kernel writes at most `length` bytes into the address.
        let named = unsafe {
            libc::getsockname(self.socket.as_raw_fd(), (&raw mut address).cast(), &raw mut length)
        };
        self.checked("to tell the interface's kind", named)?;
        match address.sll_hatype {
            libc::ARPHRD_ETHER => {}
            libc::ARPHRD_LOOPBACK => self.is_loopback = true,
            kind => return Err(Error::NotEthernet { name: name.to_owned(), kind }),
        }
        // Also what is addressed to others, as long as the socket is open.
        // SAFETY: all bytes zero are a valid request of this kind.
        let mut request: libc::packet_mreq = unsafe { mem::zeroed() };
        request.mr_ifindex = index;
        request.mr_type = libc::PACKET_MR_PROMISC as libc::c_ushort;
        self.set(
            "to hear what is addressed to others",
            (libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP),
            &request,
        )?;
        Ok(self)
    }

    fn set<T>(
        &self,
        what: &'static str,
        (level, option): (libc::c_int, libc::c_int),
        value: &T,
    ) -> Result<(), Error> {
        // SAFETY: the value is of the size that is given, and outlives the call.
        let set = unsafe {
            libc::setsockopt(
                self.socket.as_raw_fd(),
                level,
                option,
                (&raw const *value).cast(),
                size_of_val(value),
            )
        };
        self.checked(what, set)
    }

    #[expect(clippy::unused_self, reason = "errno is of the call on this socket just before")]
    fn checked(&self, what: &'static str, result: libc::c_int) -> Result<(), Error> {
        if result < 0 {
            return Err(Error::Kernel { what, source: io::Error::last_os_error() });
        }
        Ok(())
    }

    /// The next frame; `None` where none came in that time.
    pub fn frame(&mut self, wait: Duration) -> Result<Option<Frame<'_>>, Error> {
        let mut asked =
            libc::pollfd { fd: self.socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let wait_ms = libc::c_int::try_from(wait.as_millis()).unwrap_or(libc::c_int::MAX);
        // SAFETY: one descriptor that outlives the call.
        let ready = unsafe { libc::poll(&raw mut asked, 1, wait_ms) };
        match self.checked("to wait for a frame", ready) {
            Ok(()) if ready == 0 => return Ok(None),
            Ok(()) => {}
            Err(error) => return interrupted(error),
        }
        let received = match self.receive() {
            Ok(received) => received,
            Err(error) => return interrupted(error),
        };
        let Some(Received { len, at_ns, tag, is_leaving }) = received else { return Ok(None) };
        if is_leaving && self.is_loopback {
            return Ok(None);
        }
        let start = match tag {
            Some(tag) => {
                self.buffer.copy_within(TAG_BYTES..TAG_BYTES + ADDRESS_BYTES, 0);
                let place = self.buffer.get_mut(ADDRESS_BYTES..ADDRESS_BYTES + TAG_BYTES);
                place.unwrap_or_default().copy_from_slice(&tag);
                0
            }
            None => TAG_BYTES,
        };
        let bytes = self.buffer.get(start..TAG_BYTES + len).unwrap_or_default();
        Ok(Some(Frame { at_ns, link: Link::Ethernet, bytes }))
    }

    fn receive(&mut self) -> Result<Option<Received>, Error> {
        let space = self.buffer.get_mut(TAG_BYTES..).unwrap_or_default();
        let mut part = libc::iovec { iov_base: space.as_mut_ptr().cast(), iov_len: space.len() };
        // SAFETY: all bytes zero are valid values of these kinds.
        let (mut from, mut message): (libc::sockaddr_ll, libc::msghdr) =
            unsafe { (mem::zeroed(), mem::zeroed()) };
        // Of the alignment that the kernel's headers of control messages need.
        let mut control = MaybeUninit::<[u64; 16]>::zeroed();
        message.msg_name = (&raw mut from).cast();
        message.msg_namelen = size_of_val(&from);
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = mem::size_of_val(&control);
        // SAFETY: every pointer of the message is to memory of the size beside it, which outlives the call.
        let len =
            unsafe { libc::recvmsg(self.socket.as_raw_fd(), &raw mut message, libc::MSG_DONTWAIT) };
        let Ok(len) = usize::try_from(len) else {
            let source = io::Error::last_os_error();
            return match source.kind() {
                io::ErrorKind::WouldBlock => Ok(None),
                _ => Err(Error::Kernel { what: "a frame", source }),
            };
        };
        let is_leaving = from.sll_pkttype == libc::PACKET_OUTGOING;
        let mut received = Received { len, at_ns: 0, tag: None, is_leaving };
        // SAFETY: the kernel has filled the control messages of this message, which is still whole.
        let mut header = unsafe { libc::CMSG_FIRSTHDR(&raw const message) };
        while !header.is_null() {
            // SAFETY: a header that the two macros give lies inside of the control buffer.
            let (level, kind) = unsafe { ((*header).cmsg_level, (*header).cmsg_type) };
            // SAFETY: as above; what follows the header is read as what the kernel puts there for this kind.
            let data = unsafe { libc::CMSG_DATA(header) };
            match (level, kind) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                    // SAFETY: for this kind a timespec stands there.
                    let time: libc::timespec =
                        unsafe { data.cast::<libc::timespec>().read_unaligned() };
                    received.at_ns =
                        time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec);
                }
                (libc::SOL_PACKET, libc::PACKET_AUXDATA) => {
                    // SAFETY: for this kind the auxiliary data of packet(7) stand there.
                    let about: libc::tpacket_auxdata =
                        unsafe { data.cast::<libc::tpacket_auxdata>().read_unaligned() };
                    received.tag = tag(&about);
                }
                _ => {}
            }
            // SAFETY: the header before was one of this message.
            header = unsafe { libc::CMSG_NXTHDR(&raw const message, header) };
        }
        Ok(Some(received))
    }

    /// What passed and what was dropped since the interface was opened.
    pub fn counts(&mut self) -> Result<Counts, Error> {
        // SAFETY: all bytes zero are a valid value of this kind.
        let mut since: libc::tpacket_stats = unsafe { mem::zeroed() };
        let mut length = size_of_val(&since);
        // SAFETY: the kernel writes at most `length` bytes into it.
        let told = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut since).cast(),
                &raw mut length,
            )
        };
        self.checked("its counts", told)?;
        // The kernel begins at nothing again each time it is asked.
        self.counts.passed += u64::from(since.tp_packets);
        self.counts.dropped += u64::from(since.tp_drops);
        Ok(self.counts)
    }
}

/// A signal is no error: there is only no frame yet.
fn interrupted<'a>(error: Error) -> Result<Option<Frame<'a>>, Error> {
    match &error {
        Error::Kernel { source, .. } if source.kind() == io::ErrorKind::Interrupted => Ok(None),
        _ => Err(error),
    }
}

struct Received {
    len: usize,
    at_ns: i64,
    tag: Option<[u8; TAG_BYTES]>,
    is_leaving: bool,
}

/// The tag that a card has taken off a frame, as it stood there (IEEE 802.1Q section 9.3).
fn tag(about: &libc::tpacket_auxdata) -> Option<[u8; TAG_BYTES]> {
    const USUAL: u16 = 0x8100;
    let is = |flag: u32| about.tp_status & flag != 0;
    if !is(libc::TP_STATUS_VLAN_VALID) {
        return None;
    }
    let kind = if is(libc::TP_STATUS_VLAN_TPID_VALID) { about.tp_vlan_tpid } else { USUAL };
    let ([a, b], [c, d]) = (kind.to_be_bytes(), about.tp_vlan_tci.to_be_bytes());
    Some([a, b, c, d])
}

/// Sizes as the kernel's calls take them.
fn size_of_val<T>(value: &T) -> libc::socklen_t {
    libc::socklen_t::try_from(mem::size_of_val(value)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    /// The loopback, or nothing where packet sockets are not allowed.
    fn loopback(waiting_bytes: libc::c_int) -> Option<Live> {
        match Live::with_room("lo", waiting_bytes) {
            Ok(live) => Some(live),
            Err(Error::NotAllowed | Error::NoInterface { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn heard(live: &mut Live, mark: &[u8]) -> Vec<i64> {
        let mut times = Vec::new();
        // Others speak on the loopback, too.
        for _ in 0..10_000 {
            match live.frame(Duration::from_millis(200)).unwrap() {
                Some(frame) if frame.bytes.ends_with(mark) => times.push(frame.at_ns),
                Some(_) => {}
                None if times.is_empty() => {}
                None => break,
            }
        }
        times
    }

    #[test]
    fn a_frame_on_the_loopback_is_heard_once_with_its_time() {
        let Some(mut live) = loopback(WAITING_BYTES) else { return };
        let (one, other) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let mark = b"a word that nobody else says on this loopback";
        one.send_to(mark, other.local_addr().unwrap()).unwrap();
        let times = heard(&mut live, mark);
        assert_eq!(times.len(), 1);
        assert!(times[0] > 1_700_000_000_000_000_000, "{}", times[0]);
        assert!(live.counts().unwrap().passed >= 1);
    }

    #[test]
    fn what_the_kernel_drops_is_counted() {
        let Some(mut live) = loopback(1) else { return };
        let (one, other) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        for _ in 0..2000 {
            one.send_to(&[7; 1000], other.local_addr().unwrap()).unwrap();
        }
        let counts = live.counts().unwrap();
        assert!(counts.passed >= 2000 && counts.dropped > 0, "{counts:?}");
        assert!(live.counts().unwrap().dropped >= counts.dropped, "counts only grow");
    }

    #[test]
    fn a_tag_that_the_card_took_off_stands_in_its_place_again() {
        // SAFETY: all bytes zero are a valid value of this kind.
        let mut about: libc::tpacket_auxdata = unsafe { mem::zeroed() };
        assert_eq!(tag(&about), None);
        about.tp_status = libc::TP_STATUS_VLAN_VALID;
        about.tp_vlan_tci = 0x6014;
        assert_eq!(tag(&about), Some([0x81, 0, 0x60, 0x14]));
        about.tp_status |= libc::TP_STATUS_VLAN_TPID_VALID;
        about.tp_vlan_tpid = 0x88a8;
        assert_eq!(tag(&about), Some([0x88, 0xa8, 0x60, 0x14]));
    }

    #[test]
    fn an_interface_that_is_not_there_is_said_by_name() {
        let error = Live::open("nowhere0").unwrap_err().to_string();
        assert_eq!(error, "there is no interface \"nowhere0\"");
    }
}
