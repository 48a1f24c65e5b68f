//! The rules for the files of the frozen side: the lock, the releases and the approvals are what they should be.
//!
//! They are about files and not about what a client sees, so none of them has a level: each one keeps a table from
//! landing until it is mended. The name of a rule never changes its meaning.

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Hygiene {
    /// Its name: `lock-stale`.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// When it fires, exactly.
    pub definition: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it; the finding has the command with its names.
    pub mend: &'static str,
    /// What somebody did in a repository with the release 0.1, for a shell.
    pub done: &'static str,
    /// What is found then.
    pub found: &'static str,
}

/// What writes approvals, of which one is until a release.
macro_rules! approved {
    ($until:literal) => {
        concat!(
            "cat > api/approvals.yaml <<END\n",
            "format: 1\n",
            "approvals:\n",
            "  - { finding: 'status-removed: device', reason: nobody waits for it, link: list/1, until: '",
            $until,
            "' }\n",
            "END",
        )
    };
}

pub(super) const LOCK_STALE: Hygiene = Hygiene {
    id: "lock-stale",
    title: "the lock is not what the table shows",
    definition: "`api/current.lock` is missing, cannot be read, is not the lock of the table, or does not list a release \
        that is there, or its table. How its lines end means nothing.",
    why: "the diff of the lock is where a reviewer sees that a change to the table is one that clients see; with a \
        lock that was not written anew, nobody is shown it",
    mend: "`migration-table api diff`, from the lock to the table, shows what clients would see differently; if that is \
        wanted, `migration-table api bless` writes the lock anew, and it is committed with the table",
    done: "sed -i '/^release /d' api/current.lock",
    found: "`api/current.lock` does not list release 0.1",
};

pub(super) const RELEASE_LOCK_MODIFIED: Hygiene = Hygiene {
    id: "release-lock-modified",
    title: "the file of a release was changed after it was frozen",
    definition: "A file in `api/releases/` cannot be read, its seal is not that of what stands above it, or the seal is \
        not the one that the lock lists for the release, or it is a copy of the file of another release, or its name is no version. The same of the table of \
        a release, which the lock lists too. How its lines end means nothing.",
    why: "it says what the clients of that release were shown, and that does not change any more; an edit \
        would hide what breaks them instead of approving it",
    mend: "take the file back as it was committed with the release: the finding has the `git checkout` for it, or says \
        that git does not have it; a difference that is wanted is approved, and the file stays as it is",
    done: "echo '# a remark' >> api/releases/0.1.yaml",
    found: "`api/releases/0.1.yaml` is not the table that `api/current.lock` lists for 0.1: it was changed",
};

pub(super) const RELEASE_MISSING: Hygiene = Hygiene {
    id: "release-missing",
    title: "the file of a release is gone",
    definition: "`api/current.lock`, or the file of a later release, lists a release that has no file in `api/releases/`, or \
        whose table is gone from there. A \
        release that is listed as retired may be gone.",
    why: "without the file nobody can tell what breaks the clients of that release, and a table that breaks them would pass",
    mend: "take the file back as it was committed with the release: the finding has the `git checkout` for it; if its \
        clients are not supported any more, `migration-table api bless --retire VERSION` says so in the lock",
    done: "rm api/releases/0.1.lock",
    found: "release 0.1 is listed, and its file `api/releases/0.1.lock` is gone",
};

pub(super) const APPROVAL_UNUSED: Hygiene = Hygiene {
    id: "approval-unused",
    title: "an approval is of no use",
    definition: "An entry of `api/approvals.yaml` is the key of no finding from a release that it speaks of.",
    why: "it would pass over the same difference unseen if that came back for another reason; a misspelt key lands \
        here too",
    mend: "`migration-table api bless --withdraw KEY` takes it out; after a change to the table that gives a finding \
        another key, the new one is approved",
    done: approved!("0.2"),
    found: "the approval of `status-removed: device` is unused: no comparison has this finding any more",
};

pub(super) const APPROVAL_EXPIRED: Hygiene = Hygiene {
    id: "approval-expired",
    title: "an approval was for a release that is frozen already",
    definition: "The `until:` of an entry of `api/approvals.yaml` is not later than the newest release.",
    why: "what was approved until a release is part of that release or was given up; nothing is left to approve",
    mend: "`migration-table api bless --withdraw KEY` takes it out; a difference that is still found is approved until a \
        later release, with its reason",
    done: approved!("0.1"),
    found: "the approval of `status-removed: device` was until 0.1, and 0.1 is frozen",
};

pub(super) const APPROVAL_UNKNOWN_KEY: Hygiene = Hygiene {
    id: "approval-unknown-key",
    title: "the approvals cannot be understood",
    definition: "`api/approvals.yaml` is not of its format, or an entry speaks of a release that there is not.",
    why: "while it is not clear what was approved, nothing counts as approved",
    mend: "edit the entry that the finding names, take it out with `migration-table api bless --withdraw KEY`, or take the \
        file back with `git checkout -- api/approvals.yaml`",
    done: "echo 'approvals: []' > api/approvals.yaml",
    found: "cannot understand `api/approvals.yaml`: line 1: missing field `format`",
};

/// Every rule.
pub const HYGIENE: [Hygiene; 6] =
    [LOCK_STALE, RELEASE_LOCK_MODIFIED, RELEASE_MISSING, APPROVAL_UNUSED, APPROVAL_EXPIRED, APPROVAL_UNKNOWN_KEY];
