//! By which flow a sign-in begins: found without being told, or as it is set. By the keyboard alone.

use virtual_desktop::{Desktop, Key};

use crate::bench::{open, open_with, pool, run};
use crate::keyboard::{
    enter_name_and_password, focus_is_at, go_and_write, refusal, sign_out, signed_in_as, write,
};

#[test]
pub(crate) fn a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused() {
    run(async {
        let desktop = Desktop::start("flow-srp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "kazuko").await;
        go_and_write(&window, "password", "Wrong-Passw0rd").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        focus_is_at(&window, "password").await;
        write(&window, "password", pool.password("kazuko")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "山田 和子").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn the_password_is_sent_where_the_client_takes_it_by_no_other_flow() {
    run(async {
        let desktop = Desktop::start("flow-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devpassword").await;
        enter_name_and_password(&window, &pool, "hiro").await;
        signed_in_as(&window, "Hiro Sato").await;
        let begun = pool.begun();
        assert_eq!(begun, ["USER_SRP_AUTH", "USER_AUTH", "USER_PASSWORD_AUTH"], "as little as will do");
        // What the client takes has been learned.
        sign_out(&window).await;
        enter_name_and_password(&window, &pool, "hiro").await;
        signed_in_as(&window, "Hiro Sato").await;
        assert_eq!(pool.begun()[begun.len()..], ["USER_PASSWORD_AUTH"]);
        sign_out(&window).await;
        window.close().await;

        let begun = pool.begun().len();
        let told = [("COGNITO_AUTH_FLOW", "USER_PASSWORD_AUTH")];
        let window = open_with(&desktop, &pool, "devpassword", &told).await;
        enter_name_and_password(&window, &pool, "hiro").await;
        signed_in_as(&window, "Hiro Sato").await;
        assert_eq!(pool.begun()[begun..], ["USER_PASSWORD_AUTH"]);
        window.close().await;
    });
}

#[test]
pub(crate) fn a_flow_of_administrators_is_no_setting_and_the_window_says_so_and_goes_on() {
    run(async {
        let desktop = Desktop::start("flow-admin");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        for flow in ["ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"] {
            let window = open_with(&desktop, &pool, "devdesktop", &[("COGNITO_AUTH_FLOW", flow)]).await;
            window.wait_for_state("signedOut").await;
            let warning = window.text("setting-warning").await;
            assert!(warning.contains("COGNITO_AUTH_FLOW"), "{warning}");
            enter_name_and_password(&window, &pool, "aiko").await;
            signed_in_as(&window, "Aiko Tanaka").await;
            sign_out(&window).await;
            window.close().await;
        }
    });
}
