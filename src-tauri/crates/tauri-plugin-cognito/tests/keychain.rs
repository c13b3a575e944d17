//! The keychain against a real Secret Service.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use cognito::{DeviceStore as _, RememberedDevice, SharedClientSecret};
use session::{ClientSecret, Prompt, Vault, VaultFault};
use tauri_plugin_cognito::keychain::{EntryLimit, Keychain};
use tokio::task::{JoinHandle, block_in_place};
use virtual_desktop::{Keyring, inside, inside_without_a_bus};
use zeroize::Zeroizing;

const APP: &str = "org.example.app";
const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
const INDEX: &str = "accounts";
const BOTH: [EntryLimit; 2] = [EntryLimit::NONE, EntryLimit::WINDOWS];

fn keychain(limit: EntryLimit) -> Keychain {
    Keychain::new(APP, ISSUER, "client", limit)
}

fn record(seed: u8, length: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new((0..length).map(|at| seed.wrapping_add((at % 251) as u8)).collect())
}

async fn save(keychain: &Keychain, sub: &str, record: &[u8]) -> Result<(), VaultFault> {
    keychain.save(sub.to_owned(), Zeroizing::new(record.to_vec())).await
}

async fn load(keychain: &Keychain) -> Result<Option<Vec<u8>>, VaultFault> {
    keychain.load(Prompt::Never).await.map(|record| record.map(|record| record.to_vec()))
}

/// Writes an entry past the keychain.
fn spoil(name: &str, content: &[u8]) {
    block_in_place(|| keyring_core::Entry::new(APP, name).unwrap().set_secret(content).unwrap());
}

fn stored(name: &str) -> Vec<u8> {
    block_in_place(|| keyring_core::Entry::new(APP, name).unwrap().get_secret().unwrap())
}

#[test]
fn sessions_of_every_length_are_kept_and_replaced_and_removed() {
    inside("sessions_of_every_length_are_kept_and_replaced_and_removed", |desktop| async move {
        let keyring = desktop.unlocked();
        for limit in BOTH {
            let keychain = keychain(limit);
            assert_eq!(load(&keychain).await, Ok(None));
            for (seed, length) in
                [(1, 12_000), (2, 2_509), (3, 2_510), (4, 2_560), (5, 2_561), (6, 12_000), (7, 40)]
            {
                let record = record(seed, length);
                save(&keychain, "a", &record).await.unwrap();
                assert_eq!(
                    load(&keychain).await.unwrap().as_deref(),
                    Some(&**record),
                    "{limit:?}, {length} bytes"
                );
                let parts = match limit {
                    EntryLimit::NONE => 1,
                    // 51 bytes of each entry say what it is.
                    _ => length.div_ceil(2_560 - 51),
                };
                assert_eq!(keyring.names(APP).len(), 1 + parts, "{:?}", keyring.names(APP));
            }
            keychain.clear().await.unwrap();
            assert_eq!(load(&keychain).await, Ok(None));
            assert_eq!(keyring.names(APP), Vec::<String>::new());
        }
    });
}

#[test]
fn devices_outlive_signing_out_and_wait_for_no_prompt() {
    inside("devices_outlive_signing_out_and_wait_for_no_prompt", |desktop| async move {
        let keyring = desktop.unlocked();
        for limit in BOTH {
            let keychain = keychain(limit);
            assert!(keychain.find("aiko").await.is_none());
            let device = RememberedDevice::new(
                "eu-central-1_5a4d".to_owned(),
                "group".to_owned(),
                Zeroizing::new("sentinel".to_owned()),
            );
            keychain.keep("sub", "aiko", device.clone()).await;
            save(&keychain, "sub", &record(1, 3_000)).await.unwrap();
            keychain.clear().await.unwrap();
            let found = self::keychain(limit).find("Aiko").await.unwrap();
            assert_eq!((found.key.as_str(), found.expose_password()), ("eu-central-1_5a4d", "sentinel"));
            // A locked keychain is one that cannot tell, at once.
            keyring.lock();
            let asked = tokio::time::timeout(std::time::Duration::from_secs(5), keychain.find("aiko"));
            assert!(asked.await.unwrap().is_none());
            keyring.unlock();
            keychain.forget("eu-central-1_5a4d").await;
            assert!(keychain.find("aiko").await.is_none());
        }
    });
}

#[test]
fn a_sign_in_that_waits_for_the_browser_is_kept_for_its_own_client_and_brings_up_no_prompt() {
    let name = "a_sign_in_that_waits_for_the_browser_is_kept_for_its_own_client_and_brings_up_no_prompt";
    inside(name, |desktop| async move {
        let keyring = desktop.unlocked();
        let soon = std::time::Duration::from_secs(5);
        for limit in BOTH {
            let keychain = keychain(limit);
            assert_eq!(keychain.pending().await, Ok(None));
            keychain.keep_pending(None).await.unwrap();
            save(&keychain, "a", &record(1, 3_000)).await.unwrap();
            for seed in [2, 3] {
                keychain.keep_pending(Some(record(seed, 1_500))).await.unwrap();
                let read = self::keychain(limit).pending().await.unwrap().unwrap();
                assert_eq!(read, record(seed, 1_500));
            }
            let other = Keychain::new(APP, ISSUER, "other", limit);
            assert_eq!(other.pending().await, Ok(None), "another client's");
            // The session is another matter.
            keychain.clear().await.unwrap();
            assert!(keychain.pending().await.unwrap().is_some());
            // A locked keychain is one that cannot tell, at once.
            keyring.lock();
            let asked = tokio::time::timeout(soon, keychain.pending()).await;
            assert_eq!(asked.expect("no prompt"), Err(VaultFault::Locked));
            let asked = tokio::time::timeout(soon, keychain.keep_pending(Some(record(4, 100)))).await;
            assert_eq!(asked.expect("no prompt"), Err(VaultFault::Locked));
            keyring.unlock();
            spoil(&format!("pending {ISSUER} client"), b"nonsense");
            assert_eq!(keychain.pending().await, Ok(None));
            keychain.keep_pending(None).await.unwrap();
            assert_eq!(keyring.names(APP), Vec::<String>::new());
        }
        let limited = keychain(EntryLimit::WINDOWS);
        assert_eq!(limited.keep_pending(Some(record(1, 2_600))).await, Err(VaultFault::Denied));
        assert_eq!(limited.pending().await, Ok(None));
    });
}

#[test]
fn the_queue_of_revocations_outlives_signing_out_and_waits_for_no_prompt() {
    inside("the_queue_of_revocations_outlives_signing_out_and_waits_for_no_prompt", |desktop| async move {
        let keyring = desktop.unlocked();
        for limit in BOTH {
            let keychain = keychain(limit);
            assert_eq!(keychain.load_revocations().await, Ok(None));
            save(&keychain, "a", &record(1, 3_000)).await.unwrap();
            let queue = record(2, 6_000);
            keychain.save_revocations(Some(queue.clone())).await.unwrap();
            keychain.clear().await.unwrap();
            assert_eq!(load(&keychain).await, Ok(None));
            assert_eq!(self::keychain(limit).load_revocations().await, Ok(Some(queue.clone())));
            // A locked keychain is one that cannot tell, at once.
            keyring.lock();
            let wait = std::time::Duration::from_secs(5);
            let asked = tokio::time::timeout(wait, keychain.load_revocations()).await.unwrap();
            assert_eq!(asked, Err(VaultFault::Locked));
            let written = tokio::time::timeout(wait, keychain.save_revocations(None)).await.unwrap();
            assert_eq!(written, Err(VaultFault::Locked));
            keyring.unlock();
            keychain.save_revocations(None).await.unwrap();
            assert_eq!(keyring.names(APP), Vec::<String>::new());
        }
    });
}

#[test]
fn a_session_outlives_the_process_and_the_machine() {
    inside("a_session_outlives_the_process_and_the_machine", |desktop| async move {
        for limit in BOTH {
            let keyring = desktop.unlocked();
            let before = keychain(limit);
            save(&before, "a", &record(1, 12_000)).await.unwrap();
            keyring.stop();
            assert_eq!(load(&before).await, Err(VaultFault::Absent));
            assert_eq!(save(&before, "a", &record(2, 12_000)).await, Err(VaultFault::Absent));

            // The same process goes on with the new one, although its connection was to the old one.
            let keyring = desktop.unlocked();
            assert_eq!(load(&before).await, Ok(Some(record(1, 12_000).to_vec())));
            save(&before, "a", &record(2, 12_000)).await.unwrap();
            assert_eq!(load(&keychain(limit)).await, Ok(Some(record(2, 12_000).to_vec())));
            before.clear().await.unwrap();
            keyring.stop();
        }
    });
}

#[test]
fn a_service_that_starts_later_is_found() {
    inside("a_service_that_starts_later_is_found", |desktop| async move {
        let keychain = keychain(EntryLimit::NONE);
        assert_eq!(load(&keychain).await, Err(VaultFault::Absent));
        assert_eq!(keychain.load(Prompt::Allowed).await, Err(VaultFault::Absent));
        assert_eq!(save(&keychain, "a", b"1").await, Err(VaultFault::Absent));
        assert_eq!(keychain.clear().await, Err(VaultFault::Absent));
        // As a program that uses `keyring` on its own has come to know it: for the rest of the process.
        assert!(block_in_place(keyring::Entry::store_status).is_err());

        let _keyring = desktop.unlocked();
        assert_eq!(load(&keychain).await, Ok(None));
        save(&keychain, "a", b"1").await.unwrap();
        assert_eq!(load(&keychain).await, Ok(Some(b"1".to_vec())));
    });
}

#[test]
fn without_a_bus_there_is_no_keychain() {
    inside_without_a_bus("without_a_bus_there_is_no_keychain", || async {
        let keychain = keychain(EntryLimit::NONE);
        assert_eq!(load(&keychain).await, Err(VaultFault::Absent));
        assert_eq!(save(&keychain, "a", b"1").await, Err(VaultFault::Absent));
    });
}

#[test]
fn a_locked_keychain_is_locked_until_it_is_unlocked() {
    inside("a_locked_keychain_is_locked_until_it_is_unlocked", |desktop| async move {
        let keyring = desktop.unlocked();
        let first = keychain(EntryLimit::NONE);
        save(&first, "a", b"1").await.unwrap();
        keyring.stop();

        let keyring = desktop.locked();
        assert!(keyring.is_locked());
        let mut prompts = desktop.watch_prompts();
        let keychain = keychain(EntryLimit::NONE);
        let before = std::fs::read(desktop.keyring_file()).unwrap();
        assert_eq!(load(&keychain).await, Err(VaultFault::Locked));
        assert_eq!(save(&keychain, "a", b"2").await, Err(VaultFault::Locked));
        assert_eq!(keychain.clear().await, Err(VaultFault::Locked));
        assert_eq!(prompts.count(), 0);
        // There is no display: the prompt cannot come up, which is told as the user's refusal.
        assert_eq!(keychain.load(Prompt::Allowed).await, Err(VaultFault::Denied));
        assert_eq!(prompts.count(), 1);
        assert!(keyring.is_locked());
        assert_eq!(std::fs::read(desktop.keyring_file()).unwrap(), before);

        keyring.unlock();
        assert_eq!(load(&keychain).await, Ok(Some(b"1".to_vec())));
        save(&keychain, "a", b"2").await.unwrap();

        keyring.lock();
        assert_eq!(save(&keychain, "a", b"3").await, Err(VaultFault::Locked));
        assert_eq!(load(&keychain).await, Err(VaultFault::Locked));
        keyring.unlock();
        assert_eq!(load(&keychain).await, Ok(Some(b"2".to_vec())));
        save(&keychain, "a", b"3").await.unwrap();
        assert_eq!(load(&keychain).await, Ok(Some(b"3".to_vec())));
        assert_eq!(prompts.count(), 0);
    });
}

#[test]
fn a_client_secret_that_is_lost_is_told_from_one_that_is_not_read_yet() {
    inside("a_client_secret_that_is_lost_is_told_from_one_that_is_not_read_yet", |desktop| async move {
        desktop.unlocked().stop();
        let keyring = desktop.locked();
        let opened = || {
            let secret = SharedClientSecret::default();
            (keychain(EntryLimit::NONE).with_client_secret(secret.clone()), secret)
        };
        let (first, secret) = opened();
        assert_eq!(load(&first).await, Err(VaultFault::Locked));
        assert!(secret.get().is_none() && !first.misses_client_secret());
        // There is no display for the system's prompt.
        assert_eq!(first.unlock().await, Err(VaultFault::Denied));

        keyring.unlock();
        assert_eq!(first.unlock().await, Ok(()));
        assert_eq!(load(&first).await, Ok(None));
        assert!(secret.get().is_none() && first.misses_client_secret());

        first.keep_client_secret(ClientSecret::new("sentinel-secret")).await.unwrap();
        // A session that makes no sense does not keep the secret back.
        spoil(INDEX, b"nonsense");
        let (second, secret) = opened();
        assert_eq!(load(&second).await, Err(VaultFault::Corrupt));
        assert!(secret.get().is_some() && !second.misses_client_secret());
    });
}

#[test]
fn a_locked_keychain_without_a_session_is_locked_and_not_empty() {
    inside("a_locked_keychain_without_a_session_is_locked_and_not_empty", |desktop| async move {
        desktop.unlocked().stop();
        let keyring = desktop.locked();
        let mut prompts = desktop.watch_prompts();
        let keychain = keychain(EntryLimit::NONE);
        assert_eq!(load(&keychain).await, Err(VaultFault::Locked));
        assert_eq!(save(&keychain, "a", b"1").await, Err(VaultFault::Locked));
        assert_eq!(prompts.count(), 0);
        keyring.unlock();
        assert_eq!(load(&keychain).await, Ok(None));
    });
}

#[test]
fn the_systems_prompt_decides_and_may_take_its_time() {
    inside("the_systems_prompt_decides_and_may_take_its_time", |desktop| async move {
        let keyring = desktop.unlocked();
        let keychain = Arc::new(keychain(EntryLimit::NONE));
        save(&keychain, "a", b"1").await.unwrap();
        keyring.lock();
        let mut prompter = desktop.prompter();

        prompter.expect_one();
        let asked = asking(&keychain);
        prompter.wait_for_window();
        // While the user thinks, nothing queues up behind them.
        assert_eq!(save(&keychain, "a", b"2").await, Err(VaultFault::Busy));
        assert_eq!(load(&keychain).await, Err(VaultFault::Busy));
        assert!(!asked.is_finished());
        prompter.press(&["Escape"]);
        assert_eq!(asked.await.unwrap(), Err(VaultFault::Denied));
        assert_eq!(load(&keychain).await, Err(VaultFault::Locked));

        prompter.expect_one();
        let asked = asking(&keychain);
        prompter.wait_for_window();
        prompter.press(&["p", "a", "s", "s", "w", "o", "r", "d", "Return"]);
        assert_eq!(asked.await.unwrap(), Ok(Some(b"1".to_vec())));
        save(&keychain, "a", b"2").await.unwrap();

        keyring.lock();
        prompter.expect_one();
        let asked = asking(&keychain);
        prompter.wait_for_window();
        keyring.stop();
        assert_eq!(asked.await.unwrap(), Err(VaultFault::Absent));
    });
}

#[test]
fn the_user_makes_a_keyring_when_the_first_session_is_saved() {
    inside("the_user_makes_a_keyring_when_the_first_session_is_saved", |desktop| async move {
        let keyring = desktop.locked();
        let mut prompter = desktop.prompter();
        let keychain = Arc::new(keychain(EntryLimit::NONE));
        assert_eq!(load(&keychain).await, Ok(None));

        prompter.expect_one();
        let saving = tokio::spawn({
            let keychain = Arc::clone(&keychain);
            async move { save(&keychain, "a", b"1").await }
        });
        prompter.wait_for_window();
        prompter.press(&["p", "w", "Tab", "p", "w", "Return"]);
        assert_eq!(saving.await.unwrap(), Ok(()));
        assert_eq!(load(&keychain).await, Ok(Some(b"1".to_vec())));
        assert_eq!(keyring.names(APP).len(), 2);
    });
}

/// Loads with leave to prompt, on the side.
fn asking(keychain: &Arc<Keychain>) -> JoinHandle<Result<Option<Vec<u8>>, VaultFault>> {
    let keychain = Arc::clone(keychain);
    tokio::spawn(async move {
        let loaded = keychain.load(Prompt::Allowed).await;
        loaded.map(|record| record.map(|record| record.to_vec()))
    })
}

#[test]
fn without_a_keyring_there_is_nothing_and_the_user_is_asked_once_to_make_one() {
    inside(
        "without_a_keyring_there_is_nothing_and_the_user_is_asked_once_to_make_one",
        |desktop| async move {
            let keyring = desktop.locked();
            let mut prompts = desktop.watch_prompts();
            let keychain = keychain(EntryLimit::NONE);
            assert_eq!(load(&keychain).await, Ok(None));
            assert_eq!(keychain.clear().await, Ok(()));
            // Nor is one made for a sign-in that has only begun.
            assert_eq!(keychain.keep_pending(Some(record(1, 100))).await, Err(VaultFault::Absent));
            assert_eq!(keychain.pending().await, Ok(None));
            assert_eq!(prompts.count(), 0);
            // Without a display, nobody can agree.
            assert_eq!(save(&keychain, "a", b"1").await, Err(VaultFault::Denied));
            assert_eq!(prompts.count(), 1);
            assert_eq!(save(&keychain, "a", b"1").await, Err(VaultFault::Denied));
            assert_eq!(prompts.count(), 0);
            keyring.stop();

            let _keyring = desktop.unlocked();
            save(&keychain, "a", b"1").await.unwrap();
            assert_eq!(load(&keychain).await, Ok(Some(b"1".to_vec())));
        },
    );
}

#[test]
fn what_cannot_be_read_is_left_alone_until_it_is_replaced() {
    inside("what_cannot_be_read_is_left_alone_until_it_is_replaced", |desktop| async move {
        let keyring = desktop.unlocked();
        for limit in BOTH {
            let keychain = keychain(limit);
            save(&keychain, "a", &record(1, 12_000)).await.unwrap();
            let names = keyring.names(APP);
            assert!(names.iter().any(|name| name == INDEX), "{names:?}");
            for name in &names {
                let good = stored(name);
                let mut damaged = good.clone();
                let last = damaged.len() - 1;
                damaged[last] ^= 1;
                for bad in [b"nonsense".to_vec(), damaged, good[..last].to_vec()] {
                    spoil(name, &bad);
                    assert_eq!(load(&keychain).await, Err(VaultFault::Corrupt), "{name}");
                    assert_eq!(stored(name), bad);
                }
                spoil(name, &good);
            }
            assert_eq!(load(&keychain).await, Ok(Some(record(1, 12_000).to_vec())));
            spoil(INDEX, b"nonsense");
            save(&keychain, "a", &record(2, 12_000)).await.unwrap();
            assert_eq!(load(&keychain).await, Ok(Some(record(2, 12_000).to_vec())));
            keychain.clear().await.unwrap();
            assert_eq!(keyring.names(APP), Vec::<String>::new());
        }
    });
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    inside("what_a_newer_version_wrote_is_left_alone", |desktop| async move {
        let keyring = desktop.unlocked();
        let keychain = keychain(EntryLimit::NONE);
        save(&keychain, "a", b"1").await.unwrap();
        let newer = b"v0002 who knows".to_vec();
        spoil(INDEX, &newer);
        assert_eq!(load(&keychain).await, Err(VaultFault::Newer));
        assert_eq!(save(&keychain, "a", b"2").await, Err(VaultFault::Newer));
        assert_eq!(keychain.clear().await, Err(VaultFault::Newer));
        assert_eq!(stored(INDEX), newer);
        assert_eq!(keyring.names(APP).len(), 2);
    });
}

#[test]
fn accounts_clients_and_apps_do_not_meet() {
    inside("accounts_clients_and_apps_do_not_meet", |desktop| async move {
        let keyring = desktop.unlocked();
        let mine = keychain(EntryLimit::NONE);
        let other_client = Keychain::new(APP, ISSUER, "other", EntryLimit::NONE);
        let development = Keychain::new("org.example.app.dev", ISSUER, "client", EntryLimit::NONE);
        save(&mine, "a", b"mine, a").await.unwrap();
        save(&other_client, "a", b"other").await.unwrap();
        save(&mine, "b", b"mine, b").await.unwrap();
        assert_eq!(load(&development).await, Ok(None));
        save(&development, "a", b"development").await.unwrap();
        assert_eq!(load(&mine).await, Ok(Some(b"mine, b".to_vec())));
        save(&mine, "a", b"mine, a again").await.unwrap();
        assert_eq!(load(&mine).await, Ok(Some(b"mine, a again".to_vec())));
        assert_eq!(keyring.names(APP).len(), 4);

        mine.clear().await.unwrap();
        assert_eq!(load(&mine).await, Ok(None));
        assert_eq!(load(&other_client).await, Ok(Some(b"other".to_vec())));
        assert_eq!(load(&development).await, Ok(Some(b"development".to_vec())));
        assert_eq!(keyring.names(APP).len(), 2);
        other_client.clear().await.unwrap();
        assert_eq!(keyring.names(APP), Vec::<String>::new());
        assert_eq!(load(&development).await, Ok(Some(b"development".to_vec())));
    });
}

#[test]
fn entries_in_another_collection_are_found_and_made_one_again() {
    inside("entries_in_another_collection_are_found_and_made_one_again", |desktop| async move {
        let keyring = desktop.unlocked();
        let keychain = keychain(EntryLimit::NONE);
        save(&keychain, "a", b"1").await.unwrap();
        let (old_index, old_record) = (stored(INDEX), stored(&record_name(&keyring)));
        save(&keychain, "b", b"other").await.unwrap();
        save(&keychain, "a", b"2").await.unwrap();
        // As it comes to be when the default collection was another one for a while.
        let elsewhere = keyring.put_elsewhere(APP, INDEX, &old_index);
        keyring.put_elsewhere(APP, &record_name(&keyring), &old_record);
        assert_eq!(keyring.names(APP).len(), 5);
        assert_eq!(load(&keychain).await, Ok(Some(b"2".to_vec())));

        let mut prompts = desktop.watch_prompts();
        keyring.lock_collection(&elsewhere);
        assert_eq!(load(&keychain).await, Err(VaultFault::Locked));
        assert_eq!(save(&keychain, "a", b"3").await, Err(VaultFault::Locked));
        assert_eq!(keychain.load(Prompt::Allowed).await, Err(VaultFault::Denied));
        assert_eq!(prompts.count(), 1);
        keyring.unlock_collection(&elsewhere);

        save(&keychain, "b", b"other").await.unwrap();
        save(&keychain, "a", b"3").await.unwrap();
        assert_eq!(load(&keychain).await, Ok(Some(b"3".to_vec())));
        assert_eq!(keyring.names(APP).len(), 3);
    });
}

fn record_name(keyring: &Keyring) -> String {
    let mut names = keyring.names(APP);
    names.retain(|name| name.ends_with(" a"));
    names.remove(0)
}
