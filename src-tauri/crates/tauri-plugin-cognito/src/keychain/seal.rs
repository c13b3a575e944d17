//! The form of one entry: a line that says what it is, then the content.
//!
//! The line is text of a fixed length, so that what this program writes stays text if the record is: KWallet keeps
//! nothing else. It guards against entries that are cut short, damaged, mixed up or from another write, not against
//! somebody who may write to the user's keychain.

use session::VaultFault;
use zeroize::Zeroizing;

/// The layout that this version writes and the newest it can read, of the index and of records alike.
const VERSION: u16 = 1;

/// The length of `v0001 0000000000000001 0000/0001 00000000 00000000\n`.
pub(super) const LINE: usize = 51;

/// What an entry says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// Rises with every write of the same thing: of two copies the higher one is the newer.
    pub(super) generation: u64,
    /// Which part of the whole this is, from 0.
    pub(super) part: u16,
    /// How many parts the whole has.
    pub(super) parts: u16,
    /// The length of the whole in bytes.
    pub(super) length: u32,
    /// CRC-32 of the whole.
    pub(super) checksum: u32,
}

impl Seal {
    /// The seal of a part of `whole`.
    pub(super) fn new(whole: &[u8], generation: u64, part: u16, parts: u16) -> Self {
        Self {
            generation,
            part,
            parts,
            length: u32::try_from(whole.len()).unwrap_or(u32::MAX),
            checksum: crc32fast::hash(whole),
        }
    }

    /// The entry: this seal's line and this content.
    pub(super) fn entry(&self, content: &[u8]) -> Zeroizing<Vec<u8>> {
        let line = format!(
            "v{VERSION:04x} {:016x} {:04x}/{:04x} {:08x} {:08x}\n",
            self.generation, self.part, self.parts, self.length, self.checksum
        );
        let mut entry = Zeroizing::new(Vec::with_capacity(LINE + content.len()));
        entry.extend_from_slice(line.as_bytes());
        entry.extend_from_slice(content);
        entry
    }

    /// Takes an entry apart.
    ///
    /// # Errors
    /// [`VaultFault::Newer`] for a layout this version does not know yet, else [`VaultFault::Corrupt`].
    pub(super) fn open(entry: &[u8]) -> Result<(Self, &[u8]), VaultFault> {
        let version = entry
            .strip_prefix(b"v")
            .and_then(|rest| rest.get(..4))
            .and_then(hexadecimal)
            .ok_or(VaultFault::Corrupt)?;
        if version > u64::from(VERSION) {
            return Err(VaultFault::Newer);
        }
        let (line, content) = entry.split_at_checked(LINE).ok_or(VaultFault::Corrupt)?;
        let seal = Self::read(line).ok_or(VaultFault::Corrupt)?;
        Ok((seal, content))
    }

    fn read(line: &[u8]) -> Option<Self> {
        let field = |from: usize, to: usize| hexadecimal(line.get(from..to)?);
        let frame = [(5, b' '), (22, b' '), (27, b'/'), (32, b' '), (41, b' '), (50, b'\n')];
        if !frame.iter().all(|&(at, byte)| line.get(at) == Some(&byte)) {
            return None;
        }
        let seal = Self {
            generation: field(6, 22)?,
            part: u16::try_from(field(23, 27)?).ok()?,
            parts: u16::try_from(field(28, 32)?).ok()?,
            length: u32::try_from(field(33, 41)?).ok()?,
            checksum: u32::try_from(field(42, 50)?).ok()?,
        };
        (seal.part < seal.parts).then_some(seal)
    }

    /// Whether these bytes are the whole that this seal is of.
    pub(super) fn vouches_for(&self, whole: &[u8]) -> bool {
        usize::try_from(self.length) == Ok(whole.len()) && crc32fast::hash(whole) == self.checksum
    }

    /// Whether both are of the same write of the same whole.
    pub(super) fn is_of_the_same_whole(&self, other: &Self) -> bool {
        Self { part: 0, ..*self } == Self { part: 0, ..*other }
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some((value << 4) | u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_again() {
        let whole = b"a record";
        let seal = Seal::new(whole, 0x0123_4567_89ab_cdef, 2, 5);
        let entry = seal.entry(&whole[..3]);
        assert_eq!(entry.len(), LINE + 3);
        let (opened, content) = Seal::open(&entry).unwrap();
        assert_eq!(opened, seal);
        assert_eq!(content, b"a r");
        assert!(opened.vouches_for(whole));
        assert!(!opened.vouches_for(b"a recorD"));
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        let whole = b"{\"a\":1}";
        let entry = Seal::new(whole, 7, 0, 1).entry(whole);
        let original = Seal::new(whole, 7, 0, 1);
        for at in 0..entry.len() {
            let mut changed = entry.clone();
            changed[at] ^= 0x10;
            let survives = match Seal::open(&changed) {
                Ok((seal, content)) => seal.is_of_the_same_whole(&original) && seal.vouches_for(content),
                Err(_) => false,
            };
            assert!(!survives, "byte {at}");
        }
        for length in 0..entry.len() {
            let survives =
                Seal::open(&entry[..length]).is_ok_and(|(seal, content)| seal.vouches_for(content));
            assert!(!survives, "cut to {length} bytes");
        }
    }

    #[test]
    fn a_newer_layout_is_told_from_nonsense() {
        assert_eq!(Seal::open(b"v0002 whatever comes then").unwrap_err(), VaultFault::Newer);
        assert_eq!(Seal::open(b"v0001 whatever comes then").unwrap_err(), VaultFault::Corrupt);
        assert_eq!(Seal::open(b"").unwrap_err(), VaultFault::Corrupt);
        assert_eq!(Seal::open(&[0xff; 80]).unwrap_err(), VaultFault::Corrupt);
    }
}
