//! The devices that the pool knows of somebody who is signed in.

use std::cmp::Reverse;

use aws_sdk_cognitoidentityprovider::types::DeviceType;
use session::{AccessToken, Fault, FaultCode};

use super::{Client, MOST_PAGES, moment};
use crate::account::AccountDevice;
use crate::claims::device_of;
use crate::errors::{self, Operation};

/// The most that one answer of `ListDevices` holds (`QueryLimitType` of the Cognito API).
const PAGE: i32 = 60;

impl Client {
    /// `ListDevices`: this device first, then the one that was used last. None where the pool does not track devices.
    ///
    /// # Errors
    /// Whatever keeps the pool from telling.
    pub async fn devices(&self, access: &AccessToken) -> Result<Option<Vec<AccountDevice>>, Fault> {
        let own = device_of(access);
        let (mut devices, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self
                .sdk
                .list_devices()
                .access_token(access.expose())
                .limit(PAGE)
                .set_pagination_token(next.take());
            match Box::pin(call.send()).await {
                Ok(output) => {
                    let page = output.devices.unwrap_or_default().into_iter();
                    devices.extend(page.filter_map(|device| told(device, own.as_deref())));
                    next = output.pagination_token.filter(|token| !token.is_empty());
                }
                Err(error) => return errors::or_none(errors::of_sdk(Operation::ListDevices, &error)),
            }
            if next.is_none() {
                break;
            }
        }
        devices.sort_by_key(|device| (!device.this, Reverse(device.last_used_at)));
        Ok(Some(devices))
    }

    /// `ForgetDevice`. One that the pool does not know any more is as good as forgotten, and what is kept of it here
    /// goes as well.
    ///
    /// # Errors
    /// Whatever keeps the pool from it.
    pub async fn delete_device(&self, access: &AccessToken, key: &str) -> Result<(), Fault> {
        match self.ask_to_forget(access, key).await {
            Ok(()) | Err(Fault { code: FaultCode::DeviceUnknown, .. }) => {
                self.forget_device(key).await;
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    pub(crate) async fn ask_to_forget(&self, access: &AccessToken, key: &str) -> Result<(), Fault> {
        let call = self.sdk.forget_device().access_token(access.expose()).device_key(key);
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::ForgetDevice, &error)),
        }
    }
}

fn told(device: DeviceType, own: Option<&str>) -> Option<AccountDevice> {
    let key = device.device_key.filter(|key| !key.is_empty())?;
    let attributes = device.device_attributes.unwrap_or_default();
    let attribute = |name: &str| {
        let told = attributes.iter().find(|it| it.name == name)?;
        told.value.clone().filter(|value| !value.trim().is_empty())
    };
    Some(AccountDevice {
        this: own == Some(key.as_str()),
        key,
        name: attribute("device_name"),
        last_ip: attribute("last_ip_used"),
        created_at: device.device_create_date.and_then(moment),
        last_used_at: device.device_last_authenticated_date.and_then(moment),
        remembered: attribute("dev:device_remembered_status").map(|status| status == "remembered"),
    })
}
