//! KVM's errors as those of a guest.

use migration_runtime::guest::GuestError;

/// Returns an error that says `what` failed, with KVM's own error as its source.
pub(super) fn failed(what: &str, error: kvm_ioctls::Error) -> GuestError {
    GuestError::with_source(what, std::io::Error::from_raw_os_error(error.errno()))
}
