//! Records over a keychain in memory that can die before any of its writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::*;

const LIMIT: usize = 2_560;
const SPLIT: EntryLimit = EntryLimit::WINDOWS;

#[derive(Clone, Debug, Default)]
struct Memory {
    entries: BTreeMap<String, Vec<Vec<u8>>>,
    /// How many writes and deletions there are until the process dies.
    life: Option<usize>,
    longest: usize,
    changes: usize,
}

impl Memory {
    fn change(&mut self) -> Result<(), VaultFault> {
        match &mut self.life {
            Some(0) => return Err(VaultFault::Denied),
            Some(life) => *life -= 1,
            None => {}
        }
        self.changes += 1;
        Ok(())
    }

    fn names(&self) -> BTreeSet<String> {
        self.entries.keys().cloned().collect()
    }
}

#[derive(Clone, Debug, Default)]
struct Store(Arc<Mutex<Memory>>);

impl Store {
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    /// The same contents, in a keychain whose process dies after that many changes.
    fn dying(&self, life: usize) -> Self {
        let mut memory = self.with(|memory| memory.clone());
        memory.life = Some(life);
        Self(Arc::new(Mutex::new(memory)))
    }

    /// What the next process finds.
    fn revived(&self) -> Self {
        let mut memory = self.with(|memory| memory.clone());
        memory.life = None;
        Self(Arc::new(Mutex::new(memory)))
    }

    fn records(&self, limit: EntryLimit) -> Records<Self> {
        self.records_of("client", limit)
    }

    fn records_of(&self, client_id: &str, limit: EntryLimit) -> Records<Self> {
        let scope = Scope { issuer: "https://pool.example/r_1".to_owned(), client_id: client_id.to_owned() };
        Records::new(self.clone(), scope, limit)
    }

    fn load(&self, limit: EntryLimit) -> Result<Option<Vec<u8>>, VaultFault> {
        self.records(limit).load(Prompt::Never).map(|record| record.map(|record| record.to_vec()))
    }
}

impl Entries for Store {
    type Opened = ();

    fn open(&mut self, _access: Access) -> Result<(), VaultFault> {
        Ok(())
    }

    fn read(&mut self, name: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, VaultFault> {
        let copies = self.with(|memory| memory.entries.get(name).cloned().unwrap_or_default());
        Ok(copies.into_iter().map(Zeroizing::new).collect())
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), VaultFault> {
        self.with(|memory| {
            memory.change()?;
            memory.longest = memory.longest.max(content.len());
            memory.entries.insert(name.to_owned(), vec![content.to_vec()]);
            Ok(())
        })
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultFault> {
        self.with(|memory| {
            memory.change()?;
            memory.entries.remove(name);
            Ok(())
        })
    }
}

fn record(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| seed.wrapping_add((at % 251) as u8)).collect()
}

fn name_of(sub: &str) -> String {
    name("https://pool.example/r_1", "client", sub)
}

/// The names that a record of this length lies under, when nothing is left over.
fn is_tidy(store: &Store, sub: &str, length: usize) -> bool {
    let index = store.records(SPLIT).index().unwrap().unwrap();
    let generation = index.find(&store.records(SPLIT).scope, sub).unwrap().generation;
    let mut expected = BTreeSet::from([INDEX.to_owned()]);
    if LINE + length <= LIMIT {
        expected.insert(name_of(sub));
    } else {
        let parts = length.div_ceil(LIMIT - LINE) as u16;
        expected.extend((0..parts).map(|part| part_name(&name_of(sub), generation, part)));
    }
    store.with(|memory| memory.names()) == expected
}

#[test]
fn what_was_saved_is_loaded_and_replaced_in_place() {
    for limit in [EntryLimit::NONE, SPLIT] {
        let store = Store::default();
        assert_eq!(store.load(limit), Ok(None));
        for (seed, length) in [(1, 10), (2, 12_000), (3, 2_000), (4, 9_000), (5, 12_000), (6, 1), (7, 0)] {
            let record = record(seed, length);
            store.records(limit).save("a", &record).unwrap();
            assert_eq!(store.load(limit), Ok(Some(record)), "{limit:?}, {length} bytes");
        }
    }
}

#[test]
fn a_record_that_fits_is_one_entry_and_one_write() {
    let store = Store::default();
    let mut records = store.records(EntryLimit::NONE);
    records.save("a", &record(1, 12_000)).unwrap();
    assert_eq!(store.with(|memory| memory.names()), BTreeSet::from([INDEX.to_owned(), name_of("a")]));
    let before = store.with(|memory| memory.changes);
    records.save("a", &record(2, 12_000)).unwrap();
    assert_eq!(store.with(|memory| memory.changes) - before, 1);
}

#[test]
fn one_byte_decides_whether_a_record_is_split() {
    for (length, parts) in [(LIMIT - LINE, 1), (LIMIT - LINE + 1, 2), (12_000, 5), (LIMIT, 2), (LIMIT + 1, 2)]
    {
        let store = Store::default();
        store.records(SPLIT).save("a", &record(1, length)).unwrap();
        assert_eq!(store.with(|memory| memory.names().len()), 1 + parts, "{length} bytes");
        assert!(store.with(|memory| memory.longest) <= LIMIT);
        assert!(is_tidy(&store, "a", length));
        assert_eq!(store.load(SPLIT), Ok(Some(record(1, length))));
    }
}

const LENGTHS: [usize; 6] = [100, LIMIT - LINE, LIMIT - LINE + 1, 5_000, 7_000, 12_000];

#[test]
fn a_crash_at_any_write_of_a_save_leaves_the_old_or_the_new_record() {
    let mut crashes = 0;
    for old in LENGTHS {
        for new in LENGTHS {
            let store = Store::default();
            // Two saves, so that both sets of parts have been in use.
            store.records(SPLIT).save("a", &record(9, 12_000)).unwrap();
            store.records(SPLIT).save("a", &record(1, old)).unwrap();
            let (old, new) = (record(1, old), record(2, new));
            let mut switched = false;
            for life in 0.. {
                let dying = store.dying(life);
                let saved = dying.records(SPLIT).save("a", &new);
                let survived = dying.with(|memory| memory.life != Some(0));
                let after = dying.revived();
                let loaded = after.load(SPLIT).unwrap().unwrap();
                assert!(loaded == old || loaded == new, "{} to {} bytes, {life}", old.len(), new.len());
                assert!(saved.is_err() || loaded == new, "what was reported as saved is there");
                assert!(!switched || loaded == new, "there is one switch and no way back");
                switched = loaded == new;
                recovers(&after, &loaded, life);
                if survived {
                    break;
                }
                crashes += 1;
            }
            assert!(switched);
        }
    }
    assert!(crashes > 200, "{crashes}");
}

/// After a crash, the next save works whatever its length, may itself crash anywhere, and tidies up when it does not.
fn recovers(after: &Store, before: &[u8], first_life: usize) {
    for length in [100, 3_000, 12_000] {
        let third = record(3, length);
        for life in 0.. {
            let dying = after.dying(life);
            let saved = dying.records(SPLIT).save("a", &third);
            let survived = dying.with(|memory| memory.life != Some(0));
            let store = dying.revived();
            let loaded = store.load(SPLIT).unwrap().unwrap();
            assert!(loaded == before || loaded == third, "{length} bytes, {first_life}, {life}");
            if survived {
                saved.unwrap();
                assert_eq!(loaded, third);
                assert!(is_tidy(&store, "a", length), "{:?}", store.with(|memory| memory.names()));
                break;
            }
        }
    }
}

#[test]
fn a_crash_during_the_first_save_leaves_nothing_or_the_record_and_no_entry_that_is_not_found_again() {
    for length in LENGTHS {
        let new = record(2, length);
        for life in 0.. {
            let dying = Store::default().dying(life);
            let saved = dying.records(SPLIT).save("a", &new);
            let survived = dying.with(|memory| memory.life != Some(0));
            let after = dying.revived();
            let loaded = after.load(SPLIT).unwrap();
            assert!(loaded.is_none() || loaded.as_ref() == Some(&new));
            assert!(saved.is_err() || loaded.is_some());
            // A process that knows of no account still finds what the dead one had written.
            after.records(SPLIT).clear().unwrap();
            assert_eq!(after.with(|memory| memory.names()), BTreeSet::new(), "{length} bytes, {life}");
            if survived {
                break;
            }
        }
    }
}

#[test]
fn a_crash_at_any_step_of_signing_out_leaves_a_session_or_none_and_never_half_of_one() {
    for limit in [EntryLimit::NONE, SPLIT] {
        for length in LENGTHS {
            let store = Store::default();
            let (mine, other) = (record(1, length), record(2, length));
            store.records_of("other", limit).save("a", &other).unwrap();
            store.records(limit).save("b", &record(4, length)).unwrap();
            store.records(limit).save("a", &mine).unwrap();
            let mut gone = false;
            for life in 0.. {
                let dying = store.dying(life);
                let cleared = dying.records(limit).clear();
                let survived = dying.with(|memory| memory.life != Some(0));
                let after = dying.revived();
                let loaded = after.load(limit).unwrap();
                assert!(loaded.is_none() || loaded.as_ref() == Some(&mine));
                assert!(cleared.is_err() || loaded.is_none());
                assert!(!gone || loaded.is_none(), "what was signed out stays signed out");
                gone = loaded.is_none();
                let others = after.records_of("other", limit).load(Prompt::Never).unwrap().unwrap();
                assert_eq!(*others, other);
                after.records(limit).clear().unwrap();
                let names = after.with(|memory| memory.names());
                assert!(!names.iter().any(|name| name.contains(" client ")), "{names:?}");
                if survived {
                    break;
                }
            }
            assert!(gone);
        }
    }
}

#[test]
fn signing_out_removes_the_index_with_the_last_account() {
    let store = Store::default();
    store.records(SPLIT).save("a", &record(1, 12_000)).unwrap();
    store.records_of("other", SPLIT).save("a", &record(2, 12_000)).unwrap();
    store.records(SPLIT).clear().unwrap();
    assert!(store.with(|memory| memory.entries.contains_key(INDEX)));
    store.records_of("other", SPLIT).clear().unwrap();
    assert_eq!(store.with(|memory| memory.names()), BTreeSet::new());
    store.records(SPLIT).clear().unwrap();
}

#[test]
fn the_account_that_was_used_last_is_loaded() {
    for limit in [EntryLimit::NONE, SPLIT] {
        let store = Store::default();
        store.records(limit).save("a", &record(1, 5_000)).unwrap();
        store.records(limit).save("b", &record(2, 100)).unwrap();
        assert_eq!(store.load(limit), Ok(Some(record(2, 100))));
        store.records(limit).save("a", &record(3, 5_000)).unwrap();
        assert_eq!(store.load(limit), Ok(Some(record(3, 5_000))));
        assert_eq!(store.records_of("other", limit).load(Prompt::Never), Ok(None));
    }
}

#[test]
fn the_account_that_was_used_last_is_loaded_even_if_the_clock_was_set_back() {
    let store = Store::default();
    let mut records = store.records(EntryLimit::NONE);
    records.save("a", &record(1, 100)).unwrap();
    let mut index = records.index().unwrap().unwrap();
    index.accounts[0].used += 3_600_000;
    records.write_index(&mut index).unwrap();
    records.save("b", &record(2, 100)).unwrap();
    assert_eq!(store.load(EntryLimit::NONE), Ok(Some(record(2, 100))));
}

#[test]
fn what_makes_no_sense_is_corrupt_and_left_alone_until_it_is_replaced() {
    for (limit, spoilt) in [
        (EntryLimit::NONE, name_of("a")),
        (EntryLimit::NONE, INDEX.to_owned()),
        (SPLIT, INDEX.to_owned()),
        (SPLIT, part_name(&name_of("a"), 1, 3)),
    ] {
        for content in [None, Some(b"nonsense".to_vec()), Some(b"v0001 0000".to_vec())] {
            let store = Store::default();
            store.records(limit).save("a", &record(1, 12_000)).unwrap();
            let missing = content.is_none();
            store.with(|memory| match content {
                Some(content) => assert!(memory.entries.insert(spoilt.clone(), vec![content]).is_some()),
                None => assert!(memory.entries.remove(&spoilt).is_some()),
            });
            let before = store.with(|memory| memory.entries.clone());
            let expected = if missing && spoilt == INDEX { Ok(None) } else { Err(VaultFault::Corrupt) };
            assert_eq!(store.load(limit), expected, "{spoilt}");
            assert_eq!(store.with(|memory| memory.entries.clone()), before);
            store.records(limit).save("a", &record(2, 12_000)).unwrap();
            assert_eq!(store.load(limit), Ok(Some(record(2, 12_000))));
            store.records(limit).clear().unwrap();
            assert_eq!(store.with(|memory| memory.names()), BTreeSet::new(), "{spoilt}");
        }
    }
}

#[test]
fn a_part_of_another_record_is_not_taken_for_one_of_this() {
    let store = Store::default();
    store.records(SPLIT).save("a", &record(1, 12_000)).unwrap();
    let other = Store::default();
    other.records(SPLIT).save("a", &record(2, 12_000)).unwrap();
    let part = part_name(&name_of("a"), 1, 2);
    let foreign = other.with(|memory| memory.entries[&part].clone());
    store.with(|memory| memory.entries.insert(part, foreign));
    assert_eq!(store.load(SPLIT), Err(VaultFault::Corrupt));
}

#[test]
fn signing_out_goes_through_with_a_damaged_index() {
    let store = Store::default();
    let mut records = store.records(SPLIT);
    records.save("a", &record(1, 12_000)).unwrap();
    store.with(|memory| memory.entries.insert(INDEX.to_owned(), vec![b"nonsense".to_vec()]));
    records.clear().unwrap();
    assert_eq!(store.with(|memory| memory.names()), BTreeSet::new());
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    for (limit, spoilt) in
        [(EntryLimit::NONE, INDEX.to_owned()), (SPLIT, INDEX.to_owned()), (EntryLimit::NONE, name_of("a"))]
    {
        let store = Store::default();
        store.records(limit).save("a", &record(1, 12_000)).unwrap();
        store.with(|memory| memory.entries.insert(spoilt.clone(), vec![b"v0002 who knows".to_vec()]));
        let before = store.with(|memory| memory.entries.clone());
        assert_eq!(store.load(limit), Err(VaultFault::Newer));
        assert_eq!(store.records(limit).save("a", &record(2, 100)), Err(VaultFault::Newer));
        if spoilt == INDEX {
            assert_eq!(store.records(limit).clear(), Err(VaultFault::Newer));
        }
        assert_eq!(store.with(|memory| memory.entries.clone()), before, "{spoilt}");
    }
}

#[test]
fn of_duplicates_the_newest_that_makes_sense_counts_and_a_save_leaves_one() {
    let store = Store::default();
    let mut records = store.records(EntryLimit::NONE);
    let mut copies: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (seed, sub) in [(1, "b"), (2, "a"), (3, "a")] {
        records.save(sub, &record(seed, 500)).unwrap();
        store.with(|memory| {
            for (name, content) in &memory.entries {
                copies.entry(name.clone()).or_default().extend(content.clone());
            }
        });
    }
    for reversed in [false, true] {
        let mut copies = copies.clone();
        for contents in copies.values_mut() {
            contents.push(b"nonsense".to_vec());
            if reversed {
                contents.reverse();
            }
        }
        store.with(|memory| memory.entries = copies);
        assert_eq!(store.load(EntryLimit::NONE), Ok(Some(record(3, 500))));
    }
    store.records(EntryLimit::NONE).save("a", &record(4, 500)).unwrap();
    assert_eq!(store.with(|memory| memory.entries[&name_of("a")].len()), 1);
    assert_eq!(store.load(EntryLimit::NONE), Ok(Some(record(4, 500))));
}

#[test]
fn an_index_that_is_full_forgets_the_account_used_longest_ago() {
    let store = Store::default();
    let subs: Vec<String> = (0..40).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    for (number, sub) in subs.iter().enumerate() {
        store.records(SPLIT).save(sub, &record(number as u8, 3_000)).unwrap();
        assert_eq!(store.load(SPLIT), Ok(Some(record(number as u8, 3_000))));
    }
    assert!(store.with(|memory| memory.longest) <= LIMIT);
    let index = store.records(SPLIT).index().unwrap().unwrap();
    let kept: Vec<_> = index.accounts.iter().map(|account| account.sub.clone()).collect();
    assert!((5..40).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept, subs[40 - kept.len()..]);
    // Two parts each, and the index: nothing is left of those that were forgotten.
    assert_eq!(store.with(|memory| memory.names().len()), 1 + 2 * kept.len());
}

#[test]
fn the_client_secret_is_kept_beside_the_sessions_and_outlives_signing_out() {
    for limit in [EntryLimit::NONE, SPLIT] {
        let store = Store::default();
        let mut records = store.records(limit);
        assert!(records.client_secret().unwrap().is_none());
        records.keep_client_secret(b"sentinel-one").unwrap();
        records.save("sub", b"record").unwrap();
        records.keep_client_secret(b"sentinel-two").unwrap();
        records.clear().unwrap();
        let mut later = store.revived().records(limit);
        assert_eq!(later.load(Prompt::Never).unwrap().as_deref(), None);
        assert_eq!(later.client_secret().unwrap().unwrap().expose(), "sentinel-two");
        assert!(
            store.records_of("other", limit).client_secret().unwrap().is_none(),
            "each client has its own"
        );
        later.forget_client_secret().unwrap();
        assert!(later.client_secret().unwrap().is_none());
        later.forget_client_secret().unwrap();
    }
}

fn device(number: u32) -> RememberedDevice {
    let password = Zeroizing::new(format!("sentinel-{number:047}"));
    RememberedDevice::new(format!("eu-central-1_{number:036}"), "-8kPy3Wsx".to_owned(), password)
}

#[test]
fn devices_are_kept_beside_the_sessions_and_outlive_signing_out() {
    for limit in [EntryLimit::NONE, SPLIT] {
        let store = Store::default();
        let mut records = store.records(limit);
        assert!(records.device("aiko").unwrap().is_none());
        records.forget_device("nothing to forget").unwrap();
        records.keep_device("sub-1", "aiko", &device(1)).unwrap();
        records.save("sub-1", b"record").unwrap();
        records.keep_device("sub-1", "aiko@example.com", &device(2)).unwrap();
        records.clear().unwrap();
        let mut later = store.revived().records(limit);
        assert_eq!(later.load(Prompt::Never).unwrap().as_deref(), None);
        for login in ["aiko", "Aiko@Example.com"] {
            let found = later.device(login).unwrap().unwrap();
            assert_eq!(found.expose_password(), device(2).expose_password(), "{login}");
        }
        assert!(
            store.records_of("other", limit).device("aiko").unwrap().is_none(),
            "each client has its own"
        );
        // However many use this machine, it stays one entry.
        for number in 10..40 {
            later.keep_device(&format!("sub-{number}"), &format!("user{number}"), &device(number)).unwrap();
        }
        assert!(later.device("user39").unwrap().is_some());
        assert_eq!(
            later.device("aiko").unwrap().is_some(),
            limit == EntryLimit::NONE,
            "the oldest makes room"
        );
        let longest = later.entries.with(|memory| memory.longest);
        assert!(limit == EntryLimit::NONE || longest <= LIMIT, "{longest}");
    }
}

#[test]
fn a_device_that_is_forgotten_is_gone_and_one_that_makes_no_sense_is_replaced() {
    let store = Store::default();
    let mut records = store.records(SPLIT);
    records.keep_device("sub-1", "aiko", &device(1)).unwrap();
    records.forget_device(&device(2).key).unwrap();
    assert!(records.device("aiko").unwrap().is_some());
    records.forget_device(&device(1).key).unwrap();
    assert!(records.device("aiko").unwrap().is_none());
    assert_eq!(store.with(|memory| memory.names()).len(), 0, "nothing is left over");

    let name = records.devices_name();
    store.with(|memory| memory.entries.insert(name.clone(), vec![b"v0001 nonsense".to_vec()]));
    assert_eq!(records.device("aiko").err(), Some(VaultFault::Corrupt));
    records.keep_device("sub-1", "aiko", &device(3)).unwrap();
    assert_eq!(records.device("aiko").unwrap().map(|device| device.key), Some(device(3).key));
    // A newer version's are left alone.
    store.with(|memory| memory.entries.insert(name, vec![b"v0002 whatever comes then".to_vec()]));
    assert_eq!(records.keep_device("sub-1", "aiko", &device(4)), Err(VaultFault::Newer));
}

/// What a sign-out asks of the keychain, one after the other.
fn sign_out(store: &Store, limit: EntryLimit, queue: &[u8]) -> [Result<(), VaultFault>; 3] {
    let mut records = store.records(limit);
    [records.save_revocations(Some(queue)), records.clear(), records.save_revocations(None)]
}

#[test]
fn a_crash_at_any_write_of_a_sign_out_leaves_the_token_in_use_or_queued() {
    let mut crashes = 0;
    for limit in [EntryLimit::NONE, SPLIT] {
        for length in LENGTHS {
            let store = Store::default();
            let (session, other, queue) = (record(1, length), record(2, length), record(3, length));
            store.records_of("other", limit).save("a", &other).unwrap();
            store.records(limit).save("a", &session).unwrap();
            for life in 0.. {
                let dying = store.dying(life);
                let [queued, cleared, unqueued] = sign_out(&dying, limit, &queue);
                let survived = dying.with(|memory| memory.life != Some(0));
                let after = dying.revived();
                let loaded = after.load(limit).unwrap();
                let waiting = after.records(limit).load_revocations().unwrap().map(|queue| queue.to_vec());
                assert!(loaded.is_none() || loaded.as_ref() == Some(&session));
                assert!(waiting.is_none() || waiting.as_ref() == Some(&queue));
                assert!(queued.is_err() || cleared.is_ok() || waiting.is_some(), "{life}");
                // Until the pool has revoked it, which is before the last step.
                let revoked = queued.is_ok() && cleared.is_ok();
                assert!(
                    loaded.is_some() || waiting.is_some() || revoked,
                    "{limit:?}, {length} bytes, {life}"
                );
                assert!(cleared.is_err() || loaded.is_none());
                assert!(unqueued.is_err() || waiting.is_none());
                // The next run finishes it, and leaves nothing over.
                for result in sign_out(&after, limit, &queue) {
                    result.unwrap();
                }
                let names = after.with(|memory| memory.names());
                assert!(!names.iter().any(|name| name.contains(" client ")), "{names:?}");
                let others = after.records_of("other", limit).load(Prompt::Never).unwrap().unwrap();
                assert_eq!(*others, other);
                if survived {
                    break;
                }
                crashes += 1;
            }
        }
    }
    assert!(crashes > 100, "{crashes}");
}

#[test]
fn the_queue_outlives_signing_out_and_is_of_one_pool_and_client() {
    for limit in [EntryLimit::NONE, SPLIT] {
        let store = Store::default();
        let mut records = store.records(limit);
        let queue = |store: &Store, client: &str| {
            let queue = store.records_of(client, limit).load_revocations();
            queue.unwrap().map(|queue| queue.to_vec())
        };
        assert_eq!(queue(&store, "client"), None);
        records.save_revocations(None).unwrap();
        records.save("a", &record(1, 3_000)).unwrap();
        records.save_revocations(Some(&record(2, 12_000))).unwrap();
        store.records_of("other", limit).save_revocations(Some(&record(3, 10))).unwrap();
        records.clear().unwrap();
        assert_eq!(store.load(limit), Ok(None));
        assert_eq!(queue(&store, "client"), Some(record(2, 12_000)));
        assert_eq!(queue(&store, "other"), Some(record(3, 10)));
        records.save_revocations(None).unwrap();
        assert_eq!(queue(&store, "client"), None);
        store.records_of("other", limit).save_revocations(None).unwrap();
        assert_eq!(store.with(|memory| memory.names()), BTreeSet::new());
        assert!(store.with(|memory| memory.longest) <= LIMIT || limit == EntryLimit::NONE);
    }
}
