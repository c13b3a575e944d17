//! Where a code goes: an address or a number of the user, or an invented one where there is no such user.

use serde_json::{Value, json};

use crate::pool::{Pool, User};
use crate::wire::Refusal;
use crate::{invention, outbox, random};

/// A way to send codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Medium {
    Sms,
    Email,
}

impl Medium {
    /// The attribute that says where to.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::Sms => "phone_number",
            Self::Email => "email",
        }
    }

    /// The attribute that says whether it is known to be the user's.
    pub(crate) fn verified_attribute(self) -> String {
        format!("{}_verified", self.attribute())
    }

    /// The way to where this attribute says; nothing for any other attribute.
    pub(crate) fn of(attribute: &str) -> Option<Self> {
        [Self::Sms, Self::Email].into_iter().find(|medium| medium.attribute() == attribute)
    }

    /// Cognito's word.
    const fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Email => "EMAIL",
        }
    }
}

/// Where a code goes.
#[derive(Debug)]
pub(crate) struct Delivery {
    medium: Medium,
    to: String,
    invented: bool,
}

impl Delivery {
    pub(crate) fn new(medium: Medium, to: &str) -> Self {
        Self { medium, to: to.to_owned(), invented: false }
    }

    /// To the user's own address or number.
    ///
    /// # Errors
    /// `CodeDeliveryFailureException` where there is none.
    pub(crate) fn to(user: &User, medium: Medium) -> Result<Self, Refusal> {
        let attribute = medium.attribute();
        let to = user.attributes.get(attribute).ok_or_else(|| {
            let words = format!("The user has no {attribute} to send a code to.");
            Refusal::new("CodeDeliveryFailureException", words)
        })?;
        Ok(Self::new(medium, to))
    }

    /// To nobody.
    pub(crate) fn invented(pool: &Pool, name: &str) -> Self {
        let to = invention::address(&pool.invention_secret, name);
        Self { medium: Medium::Email, to, invented: true }
    }

    /// Makes a code and sends it; none goes out to an invented destination, which is limited all the same.
    ///
    /// # Errors
    /// `LimitExceededException` when `username` has been sent too many of late.
    pub(crate) fn send(&self, pool: &mut Pool, username: &str, digits: usize) -> Result<String, Refusal> {
        let code = random::digits(digits);
        if self.invented {
            outbox::withhold(pool, username)?;
        } else {
            outbox::send(pool, username, self.medium.name(), &self.to, &code)?;
        }
        Ok(code)
    }

    /// `CodeDeliveryDetails`.
    pub(crate) fn details(&self) -> Value {
        json!({
            "AttributeName": self.medium.attribute(),
            "DeliveryMedium": self.medium.name(),
            "Destination": outbox::masked(&self.to),
        })
    }

    /// Adds the parameters of a challenge that asks for the code.
    pub(crate) fn describe(&self, parameters: &mut Value) {
        parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = json!(self.medium.name());
        parameters["CODE_DELIVERY_DESTINATION"] = json!(outbox::masked(&self.to));
    }
}
