//! Records over entries: every change is one switch, so that a crash leaves the old or the new, never a mixture.
//!
//! A record that fits the limit is one entry, replaced in place. One that does not is split: its parts go into the
//! one of two sets of names (`a`, `b`) that the present record is not in, then the index is written, and that is the
//! switch; then the other set is removed. What a crash leaves over is overwritten or removed by the next save.
//!
//! An account is entered in the index before its first record is written and leaves it after the last entry is
//! removed, as [`Place::Nowhere`]: no entry is ever without an account that names it. Signing out counts from the
//! moment the index says `Nowhere`.
//!
//! The queue of revocations is such a record as well, of an account of its own.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use cognito::RememberedDevice;
use session::{ClientSecret, Prompt, VaultFault};
use zeroize::Zeroizing;

use super::EntryLimit;
use super::devices::Devices;
use super::entries::{Access, Entries};
use super::index::{Account, Index, Place};
use super::seal::{LINE, Seal};

/// The name of the index.
pub(super) const INDEX: &str = "accounts";

/// How many parts are looked for even behind a gap, which only somebody else's deleting can make.
const PROBED: u16 = 16;

type Bytes = Zeroizing<Vec<u8>>;

/// Whose sessions a caller is concerned with.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) issuer: String,
    pub(super) client_id: String,
}

impl Scope {
    /// Where the queue of revocations is kept: as the one record of a client that no pool can have, so that it outlives
    /// signing out, is split where it must be, and is as safe from a crash as a session.
    fn of_queue(&self) -> Self {
        Self { client_id: format!("{} revocations", self.client_id), ..self.clone() }
    }
}

/// The name of an account's record when it is one entry; what the names of its parts begin with otherwise.
pub(super) fn name(issuer: &str, client_id: &str, sub: &str) -> String {
    format!("session {issuer} {client_id} {sub}")
}

/// The name of a part of the record of this generation.
pub(super) fn part_name(name: &str, generation: u64, part: u16) -> String {
    let set = if generation.is_multiple_of(2) { 'a' } else { 'b' };
    format!("{name} {set}{part}")
}

/// What stands for an account of the queue of revocations.
const QUEUE: &str = "queue";

/// The records of one pool and client, and the index they share with the others of the same app.
pub(super) struct Records<E> {
    entries: E,
    scope: Scope,
    limit: EntryLimit,
    /// Whose records this process has read or written, with their client: they are found even if the index gets
    /// damaged.
    seen: BTreeSet<(String, String)>,
}

impl<E: Entries> Records<E> {
    pub(super) fn new(entries: E, scope: Scope, limit: EntryLimit) -> Self {
        Self { entries, scope, limit, seen: BTreeSet::new() }
    }

    /// As [`session::Vault::load`].
    pub(super) fn load(&mut self, prompt: Prompt) -> Result<Option<Bytes>, VaultFault> {
        self.load_in(&self.scope.clone(), prompt)
    }

    /// As [`session::Vault::load_revocations`].
    pub(super) fn load_revocations(&mut self) -> Result<Option<Bytes>, VaultFault> {
        self.load_in(&self.scope.of_queue(), Prompt::Never)
    }

    fn load_in(&mut self, scope: &Scope, prompt: Prompt) -> Result<Option<Bytes>, VaultFault> {
        let _opened = self.entries.open(Access::Existing(prompt))?;
        let Some(index) = self.index()? else {
            return Ok(None);
        };
        let Some(account) = index.last_used(scope) else {
            return Ok(None);
        };
        self.seen.insert((account.client_id.clone(), account.sub.clone()));
        let name = name(&account.issuer, &account.client_id, &account.sub);
        match account.place {
            Place::Nowhere => Ok(None),
            Place::Whole => {
                let (_, whole) = self.whole(&name)?.ok_or(VaultFault::Corrupt)?;
                Ok(Some(whole))
            }
            Place::Parts(parts) => self.join(&name, account.generation, parts).map(Some),
        }
    }

    /// As [`session::Vault::save`].
    pub(super) fn save(&mut self, sub: &str, record: &[u8]) -> Result<(), VaultFault> {
        self.save_in(&self.scope.clone(), sub, record)
    }

    /// As [`session::Vault::save_revocations`].
    pub(super) fn save_revocations(&mut self, queue: Option<&[u8]>) -> Result<(), VaultFault> {
        let scope = self.scope.of_queue();
        match queue {
            Some(queue) => self.save_in(&scope, QUEUE, queue),
            None => self.clear_in(&scope),
        }
    }

    fn save_in(&mut self, scope: &Scope, sub: &str, record: &[u8]) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::New)?;
        let mut index = match self.index() {
            Ok(index) => index.unwrap_or_default(),
            Err(VaultFault::Corrupt) => {
                tracing::warn!("the keychain's index made no sense and is replaced");
                Index::default()
            }
            Err(fault) => return Err(fault),
        };
        self.seen.insert((scope.client_id.clone(), sub.to_owned()));
        let stale = self.remove_waste(&mut index)?;
        let account = index.find(scope, sub).cloned();
        let known = account.is_some();
        let mut account = account.unwrap_or_else(|| Account {
            issuer: scope.issuer.clone(),
            client_id: scope.client_id.clone(),
            sub: sub.to_owned(),
            used: index.moment_after(now()),
            generation: 0,
            place: Place::Nowhere,
        });
        let last_used = index.last_used(scope).is_some_and(|last| last.sub == sub);
        let name = name(&account.issuer, &account.client_id, sub);

        let whole = self.limit.bytes().is_none_or(|limit| LINE + record.len() <= limit);
        let settled = whole && account.place == Place::Whole && last_used && !stale;
        let generation = if whole { self.generation_of_whole(&name)? + 1 } else { account.generation + 1 };
        if !known {
            self.enter(&mut index, account.clone())?;
        }
        if whole {
            let entry = Seal::new(record, generation, 0, 1).entry(record);
            self.entries.write(&name, &entry)?;
            account.place = Place::Whole;
        } else {
            account.place = Place::Parts(self.split(&name, generation, record)?);
            account.generation = generation;
        }
        if !settled {
            if !last_used {
                account.used = index.moment_after(now());
            }
            self.enter(&mut index, account.clone())?;
        }
        // The record is saved. What cannot be removed now is removed after the next save.
        if let Err(fault) = self.remove_what_was_replaced(&name, &account) {
            tracing::debug!(?fault, "entries of an earlier record are left over");
        }
        Ok(())
    }

    /// As [`session::Vault::clear`].
    pub(super) fn clear(&mut self) -> Result<(), VaultFault> {
        self.clear_in(&self.scope.clone())
    }

    fn clear_in(&mut self, scope: &Scope) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        let read = self.index();
        let exists = !matches!(read, Ok(None));
        let mut index = match read {
            Ok(index) => index.unwrap_or_default(),
            // It names nothing any more, and the user wants what it named to be gone.
            Err(VaultFault::Corrupt) => Index::default(),
            Err(fault) => return Err(fault),
        };
        let mut marked = false;
        for account in index.accounts.iter_mut().filter(|account| account.is_in(scope)) {
            marked |= account.place != Place::Nowhere;
            account.place = Place::Nowhere;
        }
        if marked {
            self.write_index(&mut index)?;
        }
        let removed = self.remove_waste(&mut index)?;
        let seen: Vec<_> =
            self.seen.iter().filter(|(client_id, _)| *client_id == scope.client_id).cloned().collect();
        for (client_id, sub) in &seen {
            self.remove(&name(&scope.issuer, client_id, sub), self.limit != EntryLimit::NONE)?;
        }
        if exists && index.accounts.is_empty() {
            self.entries.delete(INDEX)?;
        } else if removed {
            self.write_index(&mut index)?;
        }
        self.seen.retain(|(client_id, _)| *client_id != scope.client_id);
        Ok(())
    }

    /// Has the user asked to unlock the entries, where they are locked.
    pub(super) fn unlock(&mut self) -> Result<(), VaultFault> {
        self.entries.open(Access::Existing(Prompt::Allowed)).map(drop)
    }

    /// The secret of this client, as [`Records::keep_client_secret`] has kept it. One that makes no sense is none: it
    /// has to be entered again all the same.
    pub(super) fn client_secret(&mut self) -> Result<Option<ClientSecret>, VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        let secret = match self.whole(&self.secret_name()) {
            Err(VaultFault::Corrupt) => None,
            read => read?,
        };
        let text = secret.as_ref().and_then(|(_, secret)| std::str::from_utf8(secret).ok());
        Ok(text.map(ClientSecret::new))
    }

    /// Keeps the secret of this client in an entry of its own, which signing out leaves alone.
    pub(super) fn keep_client_secret(&mut self, secret: &[u8]) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::New)?;
        let name = self.secret_name();
        let generation = self.generation_of_whole(&name)? + 1;
        self.entries.write(&name, &Seal::new(secret, generation, 0, 1).entry(secret))
    }

    /// Removes it.
    pub(super) fn forget_client_secret(&mut self) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        self.entries.delete(&self.secret_name())
    }

    /// The sign-in that waits for the browser, as [`Records::keep_pending`] has kept it. One that makes no sense is none.
    pub(super) fn pending(&mut self) -> Result<Option<Bytes>, VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        match self.whole(&self.pending_name()) {
            Err(VaultFault::Corrupt) => Ok(None),
            read => Ok(read?.map(|(_, pending)| pending)),
        }
    }

    /// Keeps it in place of the last one, or removes that.
    pub(super) fn keep_pending(&mut self, pending: Option<&[u8]>) -> Result<(), VaultFault> {
        let name = self.pending_name();
        let Some(pending) = pending else {
            let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
            return self.entries.delete(&name);
        };
        let _opened = self.entries.open(Access::Optional)?;
        // Not one that is cut off: it would be of no use.
        if self.limit.bytes().is_some_and(|limit| LINE + pending.len() > limit) {
            return Err(VaultFault::Denied);
        }
        let generation = self.generation_of_whole(&name)? + 1;
        self.entries.write(&name, &Seal::new(pending, generation, 0, 1).entry(pending))
    }

    /// The device of whoever signs in by this name.
    pub(super) fn device(&mut self, login: &str) -> Result<Option<RememberedDevice>, VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        Ok(self.devices()?.find(login))
    }

    /// Keeps a device in place of the user's last one. Signing out leaves it alone.
    pub(super) fn keep_device(
        &mut self,
        sub: &str,
        login: &str,
        device: &RememberedDevice,
    ) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::New)?;
        let mut devices = match self.devices() {
            Ok(devices) => devices,
            Err(VaultFault::Corrupt) => {
                tracing::warn!("the devices in the keychain made no sense and are replaced");
                Devices::default()
            }
            Err(fault) => return Err(fault),
        };
        devices.keep(sub, login, device, now());
        self.write_devices(&mut devices)
    }

    /// Forgets the device with this key.
    pub(super) fn forget_device(&mut self, key: &str) -> Result<(), VaultFault> {
        let _opened = self.entries.open(Access::Existing(Prompt::Never))?;
        let mut devices = self.devices()?;
        if !devices.forget(key) {
            return Ok(());
        }
        if devices.is_empty() {
            self.entries.delete(&self.devices_name())
        } else {
            self.write_devices(&mut devices)
        }
    }

    fn devices(&mut self) -> Result<Devices, VaultFault> {
        match self.whole(&self.devices_name())? {
            Some((_, whole)) => Devices::decode(&whole),
            None => Ok(Devices::default()),
        }
    }

    fn write_devices(&mut self, devices: &mut Devices) -> Result<(), VaultFault> {
        let name = self.devices_name();
        let generation = self.generation_of_whole(&name)? + 1;
        let whole = devices.encode(self.limit.bytes())?;
        self.entries.write(&name, &Seal::new(&whole, generation, 0, 1).entry(&whole))
    }

    fn devices_name(&self) -> String {
        format!("devices {} {}", self.scope.issuer, self.scope.client_id)
    }

    fn pending_name(&self) -> String {
        format!("pending {} {}", self.scope.issuer, self.scope.client_id)
    }

    fn secret_name(&self) -> String {
        format!("client secret {} {}", self.scope.issuer, self.scope.client_id)
    }

    /// The index; `None` if there is none.
    fn index(&mut self) -> Result<Option<Index>, VaultFault> {
        let copies = self.entries.read(INDEX)?;
        newest(copies.iter().map(|entry| Index::decode(entry)), |index| index.generation)
    }

    fn write_index(&mut self, index: &mut Index) -> Result<(), VaultFault> {
        index.generation += 1;
        self.entries.write(INDEX, &index.encode()?)
    }

    /// Enters an account in the index and writes it.
    fn enter(&mut self, index: &mut Index, account: Account) -> Result<(), VaultFault> {
        loop {
            let mut next = index.clone();
            next.enter(account.clone());
            let length = next.encode()?.len();
            if self.limit.bytes().is_none_or(|limit| length <= limit) {
                *index = next;
                return self.write_index(index);
            }
            self.make_room(index, &account)?;
        }
    }

    /// The index has to stay one entry: the account that was not used for the longest time makes room.
    fn make_room(&mut self, index: &mut Index, account: &Account) -> Result<(), VaultFault> {
        let oldest = index
            .accounts
            .iter_mut()
            .filter(|other| !other.is(account))
            .min_by_key(|other| other.used)
            .ok_or(VaultFault::Denied)?;
        tracing::warn!("the keychain's index is full: the account used longest ago is forgotten");
        oldest.place = Place::Nowhere;
        let oldest = oldest.clone();
        self.write_index(index)?;
        let name = name(&oldest.issuer, &oldest.client_id, &oldest.sub);
        self.remove(&name, self.may_have_parts(&oldest))?;
        index.accounts.retain(|other| !other.is(&oldest));
        Ok(())
    }

    /// Finishes what was to be removed, or was never written, and takes it off the index, which is not written.
    fn remove_waste(&mut self, index: &mut Index) -> Result<bool, VaultFault> {
        let mut found = false;
        for account in index.accounts.iter().filter(|account| account.place == Place::Nowhere) {
            found = true;
            let name = name(&account.issuer, &account.client_id, &account.sub);
            self.remove(&name, self.may_have_parts(account))?;
        }
        index.accounts.retain(|account| account.place != Place::Nowhere);
        Ok(found)
    }

    fn may_have_parts(&self, account: &Account) -> bool {
        account.generation > 0 || self.limit != EntryLimit::NONE
    }

    /// Removes every entry of a record.
    fn remove(&mut self, name: &str, may_have_parts: bool) -> Result<(), VaultFault> {
        if may_have_parts {
            self.remove_parts(name, 0, 0)?;
            self.remove_parts(name, 1, 0)?;
        }
        self.entries.delete(name)
    }

    fn remove_what_was_replaced(&mut self, name: &str, account: &Account) -> Result<(), VaultFault> {
        match account.place {
            Place::Parts(parts) => {
                self.remove_parts(name, account.generation + 1, 0)?;
                self.remove_parts(name, account.generation, parts)?;
                self.entries.delete(name)
            }
            Place::Whole if self.may_have_parts(account) => {
                self.remove_parts(name, 0, 0)?;
                self.remove_parts(name, 1, 0)
            }
            Place::Whole | Place::Nowhere => Ok(()),
        }
    }

    /// Removes the parts from this one on, the last one first, so that what a crash leaves begins at the front.
    fn remove_parts(&mut self, name: &str, generation: u64, from: u16) -> Result<(), VaultFault> {
        let mut end = from;
        for part in from..u16::MAX {
            if !self.entries.read(&part_name(name, generation, part))?.is_empty() {
                end = part + 1;
            } else if part >= PROBED {
                break;
            }
        }
        for part in (from..end).rev() {
            self.entries.delete(&part_name(name, generation, part))?;
        }
        Ok(())
    }

    /// The record that is one entry, with its generation.
    fn whole(&mut self, name: &str) -> Result<Option<(u64, Bytes)>, VaultFault> {
        let copies = self.entries.read(name)?;
        let records = copies.iter().map(|entry| {
            let (seal, content) = Seal::open(entry)?;
            if seal.parts == 1 && seal.vouches_for(content) {
                Ok((seal.generation, Zeroizing::new(content.to_vec())))
            } else {
                Err(VaultFault::Corrupt)
            }
        });
        newest(records, |(generation, _)| *generation)
    }

    fn generation_of_whole(&mut self, name: &str) -> Result<u64, VaultFault> {
        match self.whole(name) {
            Ok(record) => Ok(record.map_or(0, |(generation, _)| generation)),
            Err(VaultFault::Corrupt) => Ok(0),
            Err(fault) => Err(fault),
        }
    }

    /// Writes a record in parts; returns how many.
    fn split(&mut self, name: &str, generation: u64, record: &[u8]) -> Result<u16, VaultFault> {
        let size = self.limit.bytes().map_or(usize::MAX, |limit| limit.saturating_sub(LINE)).max(1);
        let parts = u16::try_from(record.len().div_ceil(size)).map_err(|_| VaultFault::Denied)?;
        for (part, content) in (0..parts).zip(record.chunks(size)) {
            let entry = Seal::new(record, generation, part, parts).entry(content);
            self.entries.write(&part_name(name, generation, part), &entry)?;
        }
        Ok(parts)
    }

    /// Reads a record that was split.
    fn join(&mut self, name: &str, generation: u64, parts: u16) -> Result<Bytes, VaultFault> {
        let mut first: Option<Seal> = None;
        let mut whole = Bytes::default();
        for part in 0..parts {
            let copies = self.entries.read(&part_name(name, generation, part))?;
            let (seal, content) = copies
                .iter()
                .filter_map(|entry| Seal::open(entry).ok())
                .find(|(seal, _)| {
                    (seal.generation, seal.part, seal.parts) == (generation, part, parts)
                        && first.is_none_or(|first| first.is_of_the_same_whole(seal))
                })
                .ok_or(VaultFault::Corrupt)?;
            if first.is_none() {
                // Growing would leave copies behind. The length is only a hint until the checksum is compared.
                whole.reserve_exact(usize::from(parts) * content.len());
                first = Some(seal);
            }
            whole.extend_from_slice(content);
        }
        match first {
            Some(seal) if seal.vouches_for(&whole) => Ok(whole),
            _ => Err(VaultFault::Corrupt),
        }
    }
}

/// Of several copies the newest that makes sense; `None` of none.
fn newest<T>(
    copies: impl Iterator<Item = Result<T, VaultFault>>,
    generation: impl Fn(&T) -> u64,
) -> Result<Option<T>, VaultFault> {
    let mut best = Ok(None);
    for copy in copies {
        match (copy, &best) {
            (Err(VaultFault::Newer), _) => return Err(VaultFault::Newer),
            (Ok(copy), Ok(Some(other))) if generation(&copy) <= generation(other) => {}
            (Ok(copy), _) => best = Ok(Some(copy)),
            (Err(fault), Ok(None)) => best = Err(fault),
            (Err(_), _) => {}
        }
    }
    best
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
