//! Whether the pool is to remember this device: it asks the user by way of the window, and is told with an access
//! token.

use super::{Session, State};
use crate::event::{DeviceWish, Effect, Ticket};
use crate::fault::Fault;
use crate::live::DeviceStanding;
use crate::time::Timestamp;
use crate::view::DeviceView;

impl Session {
    /// The user has decided.
    pub(crate) fn remember_device(&mut self, remember: bool) {
        if let State::SignedIn(live) = &mut self.state
            && let Some(DeviceStanding::Known(view)) = &live.device
        {
            // What the pool could not be told is asked once more.
            let before = match view {
                DeviceView::Failed { .. } => DeviceView::Asking,
                known => known.clone(),
            };
            live.device = Some(DeviceStanding::Wanted { remember, before });
        } else {
            tracing::debug!("there is no device that could be remembered, or the pool is being told");
        }
    }

    /// Tells the pool as soon as there is a token to show.
    pub(crate) fn pursue_device(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        let Some(DeviceStanding::Wanted { remember, before }) = &live.device else {
            return;
        };
        let (remember, before) = (*remember, before.clone());
        let good = live.good_token(now).map(|(token, _)| token.clone());
        if let (Some(access), Some(device_key)) = (good, live.device_key()) {
            let wish = DeviceWish { access, device_key, remember };
            let ticket = self.tickets.next();
            live.device = Some(DeviceStanding::Running { ticket, remember, before });
            effects.push(Effect::RememberDevice(ticket, wish));
        } else if let Some(fault) = live.failure().cloned() {
            live.device = Some(DeviceStanding::Known(DeviceView::Failed { fault }));
        } else if live.is_wanted(now) {
            self.renew(effects);
        }
    }

    /// The pool has answered. A device that it could not be told about stays as it is there; the session goes on.
    pub(crate) fn device_remembered(
        &mut self,
        ticket: Ticket,
        result: Result<(), Fault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        let remember = match live.device {
            Some(DeviceStanding::Running { ticket: awaited, remember, .. }) if awaited == ticket => remember,
            _ => return,
        };
        live.device = Some(DeviceStanding::Known(match result {
            Ok(()) if remember => DeviceView::Remembered,
            Ok(()) => DeviceView::NotRemembered,
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "the pool was not told about the device");
                DeviceView::Failed { fault }
            }
        }));
        let record = live.record();
        effects.extend(self.keeping.save(record, now, &mut self.tickets));
    }
}
