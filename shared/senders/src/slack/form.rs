//! Forms (`application/x-www-form-urlencoded`, WHATWG URL standard): each field is there once, or none is believed.

use crate::DoorError;
use std::{borrow::Cow, collections::BTreeMap};

/// The most fields of one form. Slack sends fifteen or so.
pub const FIELDS_LIMIT: usize = 50;

/// The longest check of our certificate, in bytes.
pub(super) const CHECK_LIMIT: usize = 512;

/// A form whose fields have one value each.
pub(super) struct Form<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Form<'a> {
    /// Reads a body.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, DoorError> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if fields.len() == FIELDS_LIMIT {
                return Err(DoorError::TooLarge);
            }
            if fields.insert(name, value).is_some() {
                return Err(DoorError::malformed("the form", "a field is there more than once"));
            }
        }
        Ok(Self(fields))
    }

    /// A field's value; none where it is missing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// The value of a field that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, DoorError> {
        self.get(name).ok_or_else(|| DoorError::malformed(name, "missing"))
    }
}

/// Whether a body is Slack's check of our certificate, and no command. It is short: a mark and a token.
pub(super) fn is_certificate_check(body: &[u8]) -> bool {
    let Some(Ok(form)) = (body.len() <= CHECK_LIMIT).then(|| Form::read(body)) else { return false };
    form.get("ssl_check") == Some("1") && form.get("command").is_none()
}
