//! A backup is put in the place of a database.

use super::{Stage, deployed, ends, steps, writes};
use serde_json::Value;

/// A deployment with a database that has backups, and one more database in it.
fn with_backups() -> Option<Stage> {
    let stage = Stage::of(&[("DATABASE_PASSWORD", "Hs6-bNm3_wY8pLc2"), ("DATABASE_REPORTS_PASSWORD", "Jt5-cMk4_xZ9qRd7")], |text| {
        let text = text.replace("backing_services:\n", "backups: {nightly: {schedule: \"0 3 * * *\"}}\nbacking_services:\n  database: {kind: postgres, version: \"17\", backup: nightly, databases: {reports: {}}}\n");
        text.replace("env: {GREETING", "depends_on: {database: healthy}\n    env: {GREETING")
    })?;
    ends(stage.run("--yes"), 0, "shop 1.0 is up in shop of here");
    Some(stage)
}

#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_backup_is_put_back_when_somebody_asks() {
    let Some(stage) = with_backups() else { return };
    let before = stage.committed();
    assert!(stage.object("Job", "database-restore").is_null() && stage.object("CronJob", "database-backup").is_object(), "a deployment restores nothing");
    ends(stage.run("restore --yes"), 2, "--database takes one of: database database.reports");
    ends(stage.run("restore --yes --database other"), 2, "--database takes one of: database database.reports");
    ends(stage.run("restore --yes --database database --from ../x"), 2, "--from takes the name of a backup");
    ends(stage.run("restore --database database"), 2, "in the namespace shop of here (https://cluster.example.com)? Whoever uses it is cut off");
    ends(stage.run("restore --database database --dry-run"), 0, "would put the backup latest in the place of shop of database");
    assert!(stage.object("Job", "database-restore").is_null());
    ends(stage.run("restore --yes --database database.reports --from 20260131T030000Z.dump"), 0, "waiting for database-restore");
    let text = stage.object("Job", "database-restore")["text"].as_str().unwrap_or_default().to_owned();
    assert!(
        text.contains("- name: DATABASE\n              value: 'reports'\n") && text.contains("- name: DUMP\n              value: '20260131T030000Z.dump'\n"),
        "{text}"
    );
    let steps = steps(&stage);
    assert!(
        steps.ends_with(
            &[
                "get job database-restore",
                "apply Job",
                "get job database-restore",
                "logs",
                "delete jobs",
                "hook notify restore done",
                "get lease shop-deploy",
                "replace Lease"
            ]
            .map(str::to_owned)
        ),
        "{steps:?}"
    );
    assert!(stage.object("Job", "migrate-1-0").is_null(), "the next deployment migrates what was put back");
    // Another one: that of before is done.
    ends(stage.run("restore --yes --database database"), 0, "waiting for database-restore");
    assert!(stage.object("Job", "database-restore")["text"].as_str().is_some_and(|text| text.contains("value: 'latest'")));
    stage.set("job", "Failed");
    ends(stage.run("restore --yes --database database"), 1, "not restored, see above: shop is what it was");
    stage.set("job", "");
    assert!(stage.holder().is_null() && stage.committed() == before);
    ends(stage.run("--yes --tag 2.0"), 0, "is up");
}

/// One call fails, before it does anything or with its answer lost: it says so, gives the lock back, and goes on when it is asked again.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn any_call_of_a_restoration_may_fail() {
    let Some(stage) = with_backups() else { return };
    stage.keep("base");
    ends(stage.run("restore --yes --database database"), 0, "waiting for");
    let calls: Vec<String> = stage.calls().into_iter().filter(|call| call.starts_with('[')).collect();
    for (at, call) in calls.iter().enumerate() {
        for mode in if writes(call) { &["fail", "lose"][..] } else { &["fail"] } {
            stage.restore("base");
            stage.set(mode, &(at + 1).to_string());
            let outcome = stage.run("restore --yes --database database");
            let what = format!("{mode} {}: {call}\n{outcome}", at + 1);
            assert!(outcome.status == Some(0) || outcome.stderr.contains("error: ") || outcome.stderr.contains("Error"), "{what}");
            if outcome.status == Some(2) {
                assert!(stage.object("Job", "database-restore").is_null(), "{what}");
            }
            stage.set(mode, "");
            if stage.holder() == Value::Null {
                ends(stage.run("restore --yes --database database"), 0, "waiting for database-restore");
            }
        }
    }
    println!("ok    deploy k8s: {} calls of a restoration", calls.len());
}

/// Without backups there is nothing to put back.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn what_has_no_backups_restores_nothing() {
    let Some(stage) = deployed() else { return };
    ends(stage.run("restore --yes"), 2, "restore is no option of this mode");
}

/// The Secret is somebody else's: no value leaves the env file, and the script makes and reads no Secret of its own.
#[test]
#[ignore = "needs bash, Python and kustomize"]
fn a_secret_of_somebody_else_is_left_alone() {
    for target in ["external_secrets: {store: vault}", "existing_secret: shop-values"] {
        let change: fn(String) -> String = if target.starts_with("external") {
            |text| text.replace("namespace: shop}", "namespace: shop, external_secrets: {store: vault}}")
        } else {
            |text| text.replace("namespace: shop}", "namespace: shop, existing_secret: shop-values}")
        };
        let Some(stage) = Stage::of(&[], change) else { return };
        ends(stage.run("--yes"), 0, "shop 1.0 is up in shop of here");
        assert!(stage.object("Secret", "shop-secrets").is_null(), "{target}");
        assert_eq!(stage.object("ExternalSecret", "shop-secrets").is_object(), target.starts_with("external"), "{target}");
        ends(stage.run("--yes --tag 2.0"), 0, "is up");
        stage.set("stuck", ":3.0");
        ends(stage.run("--yes --tag 3.0"), 1, "==> going back to 2.0");
        assert_eq!(stage.tag(), "2.0", "{target}");
        stage.set("stuck", "");
        ends(stage.run("rollback --yes"), 0, "==> shop 1.0 runs.");
    }
}
