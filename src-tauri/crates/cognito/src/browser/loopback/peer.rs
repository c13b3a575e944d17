//! Who has connected to the port: another user of this machine has no business there.
//!
//! They can read where the browser was sent (an argument of a process), sign in by that very address as themselves, and
//! bring the code here: everything about it would be right, and this user would be signed in as them.

use std::net::SocketAddr;

use tokio::net::TcpStream;

/// Whose the other end of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// This user's.
    Own,
    /// Another user's, or of somebody who has hung up already and cannot be known any more.
    Other,
    /// This system does not tell.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nobody is asked"))]
    Untold,
}

/// Looks who is at the other end.
pub(super) async fn of(stream: &TcpStream) -> Peer {
    let (Ok(here), Ok(there)) = (stream.local_addr(), stream.peer_addr()) else {
        // There is nobody any more.
        return Peer::Other;
    };
    look(here, there).await
}

#[cfg(not(target_os = "linux"))]
async fn look(_: SocketAddr, _: SocketAddr) -> Peer {
    Peer::Untold
}

#[cfg(target_os = "linux")]
async fn look(here: SocketAddr, there: SocketAddr) -> Peer {
    let looking = tokio::task::spawn_blocking(move || linux::look(here, there));
    // Whatever has gone wrong, it is no reason to believe anybody.
    looking.await.unwrap_or(Peer::Other)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

    use super::Peer;

    /// The system's own lists of connections; the second has those of sockets for IPv6, which reach 127.0.0.1 as well.
    const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
    /// A list that changes while it is read may lack an entry.
    const TRIES: usize = 3;

    /// One end of a connection.
    #[derive(Debug, PartialEq)]
    struct End {
        local: SocketAddr,
        remote: SocketAddr,
        user: u32,
        /// Without one the socket belongs to nobody any more, and the user that is named is not whose it was.
        inode: u64,
    }

    pub(super) fn look(here: SocketAddr, there: SocketAddr) -> Peer {
        for _ in 0..TRIES {
            let tables = TABLES.map(std::fs::read_to_string);
            if tables[0].is_err() {
                tracing::debug!("the system does not tell whose connections there are");
                return Peer::Untold;
            }
            let tables = tables.map(Result::unwrap_or_default).concat();
            if let Some(peer) = judge(&tables, here, there) {
                return peer;
            }
        }
        Peer::Other
    }

    /// Whose the far end is, where both ends are in the list. Both are looked up: whatever the list calls this user, it
    /// calls by the same number at either end.
    fn judge(tables: &str, here: SocketAddr, there: SocketAddr) -> Option<Peer> {
        let find = |local, remote| {
            let mut ends = tables.lines().filter_map(end);
            ends.find(|end| end.local == local && end.remote == remote)
        };
        let (near, far) = (find(here, there)?, find(there, here)?);
        let own = near.user == far.user && near.inode != 0 && far.inode != 0;
        Some(if own { Peer::Own } else { Peer::Other })
    }

    /// Reads a line; none of the headings (proc_pid_net(5)).
    fn end(line: &str) -> Option<End> {
        let mut fields = line.split_ascii_whitespace();
        let _number = fields.next()?.strip_suffix(':')?;
        let (local, remote) = (address(fields.next()?)?, address(fields.next()?)?);
        // State, queues, timer, retransmissions.
        let user = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        Some(End { local, remote, user, inode })
    }

    /// Words of 32 bits as this machine has them in memory, and a port as people write it.
    fn address(text: &str) -> Option<SocketAddr> {
        let (host, port) = text.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let word = |text: &str| Some(u32::from_str_radix(text, 16).ok()?.to_ne_bytes());
        let host = match (host.len(), host.is_ascii()) {
            (8, true) => IpAddr::V4(Ipv4Addr::from(word(host)?)),
            (32, true) => {
                let mut bytes = [0; 16];
                for (index, part) in bytes.chunks_exact_mut(4).enumerate() {
                    part.copy_from_slice(&word(&host[8 * index..8 * index + 8])?);
                }
                Ipv6Addr::from(bytes).to_canonical()
            }
            _ => return None,
        };
        Some(SocketAddr::new(host, port))
    }

    #[cfg(test)]
    mod tests {
        use std::net::{TcpListener, TcpStream};

        use super::*;

        /// As the kernel writes it: a listener, both ends of a connection, one whose far end has IPv6, one that is over.
        #[cfg(target_endian = "little")]
        const REAL: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:4B4A 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 46410 1 000000006f9b3c1d 100 0 0 10 0                     
   1: 0100007F:4B4A 0100007F:A0F2 01 00000000:00000000 00:00000000 00000000  1000        0 46412 1 00000000c0e5d0a4 20 4 30 10 -1                    
   2: 0100007F:A0F2 0100007F:4B4A 01 00000000:00000000 00:00000000 00000000  1000        0 46411 1 000000003b0f9f1b 20 4 30 10 -1                    
   3: 0100007F:4B4A 0100007F:A0F4 01 00000000:00000000 00:00000000 00000000  1000        0 46414 1 00000000c0e5d0a5 20 4 30 10 -1                    
   4: 0100007F:A0F4 0100007F:4B4A 01 00000000:00000000 00:00000000 00000000  1001        0 46413 1 000000003b0f9f1c 20 4 30 10 -1                    
   5: 0100007F:4B4A 0100007F:A0F6 08 00000000:00000000 00:00000000 00000000  1000        0 46416 1 00000000c0e5d0a6 20 4 30 10 -1                    
   6: 0100007F:A0F6 0100007F:4B4A 05 00000000:00000000 00:00000000 00000000  1000        0 0 1 000000003b0f9f1d 20 4 30 10 -1                        
   7: 0100007F:4B4A 0100007F:A0F8 01 00000000:00000000 00:00000000 00000000  1000        0 46418 1 00000000c0e5d0a7 20 4 30 10 -1                    
   8: 0100007F:4B4A 0100007F:A0FC 01 00000000:00000000 00:00000000 00000000  1000        0 46419 1 00000000c0e5d0a8 20 4 30 10 -1                    
   9: 0100007F:A0FC 0200007F:4B4A 01 00000000:00000000 00:00000000 00000000  1000        0 46420 1 00000000c0e5d0a9 20 4 30 10 -1                    
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:A0F8 0000000000000000FFFF00000100007F:4B4A 01 00000000:00000000 00:00000000 00000000  1000        0 46417 1 00000000a2c8f1e0 20 4 30 10 -1
";

        #[cfg(target_endian = "little")]
        #[test]
        fn the_systems_list_tells_whose_a_connection_is() {
            let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
            let here = at(0x4b4a);
            for (port, expected, what) in [
                (0xa0f2, Some(Peer::Own), "this user's"),
                (0xa0f4, Some(Peer::Other), "another user's"),
                (0xa0f6, Some(Peer::Other), "hung up: the number is nobody's"),
                (0xa0f8, Some(Peer::Own), "of a socket for IPv6"),
                (0xa0fa, None, "not in the list"),
                (0xa0fc, None, "connected to somebody else"),
            ] {
                assert_eq!(judge(REAL, here, at(port)), expected, "{what}");
            }
            assert_eq!(REAL.lines().filter_map(end).count(), 11, "all but the headings");
            for rubbish in
                ["", "0: 0100007F:4B4A", "0: x:y z:w 0 0 0 0 0 0 0", "0: ééééé:1 0:0 1 1 1 1 1 1 1"]
            {
                assert_eq!(end(rubbish), None, "{rubbish}");
            }
        }

        #[test]
        fn a_connection_of_this_user_is_found_in_the_real_list() {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = listener.local_addr().expect("an address").port();
            // The second comes by a socket for IPv6, where there is any.
            for host in ["127.0.0.1", "::ffff:127.0.0.1"] {
                let address: IpAddr = host.parse().expect("an address");
                let Ok(there) = TcpStream::connect((address, port)) else {
                    assert!(address.is_ipv6());
                    continue;
                };
                let (near, _) = listener.accept().expect("it is there");
                let ends = [near.local_addr(), near.peer_addr()].map(|end| end.expect("an address"));
                assert_eq!(look(ends[0], ends[1]), Peer::Own, "{host}");
                let elsewhere = SocketAddr::from(([127, 0, 0, 1], 1));
                assert_eq!(look(ends[0], elsewhere), Peer::Other);
                drop(there);
            }
        }
    }
}
