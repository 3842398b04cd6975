//! Backups of PostgreSQL servers that run here: what makes them, and what puts one back.

use super::backing::secret_file;
use super::resolve::Resolver;
use super::{Backing, BackingService, EnvironmentKind, Resources, Server, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Cron, DatabaseName, Duration, ServiceName, Size, VolumeName};
use serde::Serialize;

/// Makes a backup of each database and keeps the newest: `sh -ec` with the password's file, the folder, how many, and the databases.
const MAKE: &str = r#"PGPASSWORD=$(cat "$0")
export PGPASSWORD
folder=$1 keep=$2
shift 2
umask 077
# A shell that waits hears a signal at once; one that runs a program in the foreground does not.
trap 'exit 143' TERM
# One at a time: of one by hand and one by the clock, the second waits.
mkdir -p "$folder/$PGHOST"
exec 9> "$folder/$PGHOST/.lock"
flock 9 &
wait "$!"
make() {
  mkdir -p "$folder/$PGHOST/$1"
  cd "$folder/$PGHOST/$1"
  # What an interrupted run left.
  rm -f ./*.part
  # On a full volume the oldest make room for one like the newest, as long as two stay: else there would never be a newer one.
  while test "$(ls -1 | grep -c '[.]dump$')" -gt 2; do
    oldest=$(ls -1 | grep '[.]dump$' | sort | head -n 1) newest=$(ls -1 | grep '[.]dump$' | sort | tail -n 1)
    needed=$(du -k "$newest" | cut -f 1)
    df -Pk . | awk -v needed="$needed" 'NR == 2 && $2 > 0 && $4 < needed * 1.1 { full = 1 } END { exit !full }' || break
    echo "warning: $1: the volume is full, and $oldest goes before $keep are there: make it larger, or lower keep" >&2
    rm -f "$oldest"
  done
  dump=$(date -u +%Y%m%dT%H%M%SZ).dump
  pg_dump --format=custom --file="$dump.part" "$1"
  # To its end: what cannot be read is no backup.
  pg_restore --file=/dev/null "$dump.part"
  mv "$dump.part" "$dump"
  ls -1 | grep '[.]dump$' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do rm -f "$old"; done
  echo "$1: $dump is complete. There are:"
  ls -lh
}
failed=
for database; do
  make "$database" &
  wait "$!" || failed="$failed $database"
done
test -z "$failed" || { echo "error: there is no new backup of$failed" >&2; exit 1; }
"#;

/// Puts one back beside the database, and gives it its name when it is complete: `sh -ec` with the password's file and the folder;
/// `DATABASE` and `DUMP` say which.
const RESTORE: &str = r#"PGPASSWORD=$(cat "$0") PGOPTIONS=--client-min-messages=warning
export PGPASSWORD PGOPTIONS
# As in a backup: what takes long is waited for, so that a signal is heard.
trap 'exit 143' TERM
run() { "$@" & wait "$!"; }
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="${on:-template1}" --command="$1"; }
cd "$1/$PGHOST/$DATABASE" || { echo "error: there is no backup of $DATABASE" >&2; exit 2; }
dump=$DUMP
test "$dump" != latest || dump=$(ls -1 | grep '[.]dump$' | sort | tail -n 1)
if ! test -f "$dump"; then
  echo "error: there is no backup $DUMP of $DATABASE; there are:" >&2
  ls -lh >&2
  exit 2
fi
# Names have 63 characters at most.
short=$(printf %.48s "$DATABASE")
new=${short}_restoring old=${short}_replaced
# This is urgent, and waits for no lock of a backup that runs. Where that takes the dump away meanwhile, the database stays what it is.
echo "restoring $dump of $DATABASE"
# Owner, encoding, locale and grants are those of what is replaced; older versions have less to say of a locale.
of() { sql "SELECT $1 FROM pg_database AS d WHERE datname = '$DATABASE'"; }
owner=$(of 'pg_get_userbyid(datdba)') encoding=$(of 'pg_encoding_to_char(encoding)') collate=$(of datcollate) ctype=$(of datctype)
icu=$(of "CASE to_jsonb(d) ->> 'datlocprovider' WHEN 'i' THEN coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') END")
grants=$(sql "SELECT string_agg(format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, '$new',
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), '; ')
  FROM pg_database, aclexplode(datacl) WHERE datname = '$DATABASE'")
dropdb --if-exists --force --maintenance-db=template1 "$new"
createdb --maintenance-db=template1 --template=template0 --owner="${owner:-$PGUSER}" ${encoding:+"--encoding=$encoding"} \
  ${collate:+"--lc-collate=$collate"} ${ctype:+"--lc-ctype=$ctype"} ${icu:+--locale-provider=icu "--icu-locale=$icu"} "$new"
test -z "$grants" || sql "REVOKE ALL ON DATABASE \"$new\" FROM PUBLIC; $grants"
run pg_restore --exit-on-error --dbname="$new" "$dump"
# A backup has no statistics, and plans without them are bad.
on=$new
run sql ANALYZE
on=
# From here on nobody writes to what is replaced. It stays, closed, until the next restoration.
dropdb --if-exists --maintenance-db=template1 "$old"
if test -n "$owner"; then
  trap 'sql "ALTER DATABASE \"$DATABASE\" ALLOW_CONNECTIONS true"' EXIT
  sql "ALTER DATABASE \"$DATABASE\" ALLOW_CONNECTIONS false"
  sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$DATABASE'" > /dev/null
  sql "ALTER DATABASE \"$DATABASE\" RENAME TO \"$old\"; ALTER DATABASE \"$new\" RENAME TO \"$DATABASE\""
  trap - EXIT
else
  sql "ALTER DATABASE \"$new\" RENAME TO \"$DATABASE\""
fi
echo "$DATABASE is what it was in $dump"
test -z "$owner" || echo "what it was before is in $old, until the next restoration or: dropdb $old"
"#;

/// How the databases of one server are backed up.
#[derive(Clone, Debug, Serialize)]
pub struct Backup {
    /// Name of what makes them: a service on Compose, a CronJob on Kubernetes; and of its own volume.
    pub name: String,
    /// Name of what puts one back.
    pub restore: String,
    /// The server.
    pub store: ServiceName,
    /// When.
    pub schedule: Cron,
    /// How many of each database stay.
    pub keep: u32,
    /// Where they go.
    pub place: BackupPlace,
    /// Names of the databases, the server's first one first.
    pub databases: Vec<DatabaseName>,
    /// Who reads them: the owner of the first database, who may do all.
    pub user: DatabaseName,
    /// Name of the secret with the password.
    pub password: String,
    /// CPU and memory.
    pub resources: Resources,
    /// Most processes.
    pub pids: u32,
    /// Time that it gets to end.
    pub stop_grace: Duration,
    /// Time that making them, or putting one back, may take.
    pub deadline: Duration,
}

/// Where backups go.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupPlace {
    /// A volume of this deployment.
    Own(Size),
    /// One that is there already.
    External(VolumeName),
}

impl Backup {
    /// The program that makes them, with the volume at `folder`.
    pub fn command(&self, folder: &str) -> Vec<String> {
        let keep = self.keep.to_string();
        let start = ["sh", "-ec", MAKE, &secret_file(&self.password), folder, &keep].map(str::to_owned);
        start.into_iter().chain(self.databases.iter().map(ToString::to_string)).collect()
    }

    /// The program that puts one back: [`Self::choice`] says which.
    pub fn restore_command(&self, folder: &str) -> Vec<String> {
        ["sh", "-ec", RESTORE, &secret_file(&self.password), folder].map(str::to_owned).to_vec()
    }

    /// Variables of both: how PostgreSQL's programs find the server.
    pub fn connection(&self) -> [(&'static str, String); 2] {
        [("PGHOST", self.store.to_string()), ("PGUSER", self.user.to_string())]
    }

    /// Variables that say what is put back, with what they are unless told.
    pub fn choice(&self) -> [(&'static str, String); 2] {
        [("DATABASE", self.databases.first().map(ToString::to_string).unwrap_or_default()), ("DUMP", "latest".to_owned())]
    }
}

impl Resolver<'_> {
    /// The backups of all servers that have any. A developer's machine makes none.
    pub(super) fn backups(&mut self, backing: &[BackingService]) -> Vec<Backup> {
        let profile = self.profile;
        let mut list = Vec::new();
        for (name, written) in profile.backing_services.iter() {
            let model::BackingService::Postgres(postgres) = written else { continue };
            let Some(plan) = &postgres.backup else { continue };
            let Some(backup) = profile.backups.get(plan) else {
                let path = KeyPath::of(&["backing_services", name.as_str(), "backup"]);
                if profile.backups.is_empty() {
                    let help = format!("it is a plan of the profile: `backups: {{{plan}: {{schedule: \"0 3 * * *\"}}}}`");
                    self.error("unknown-reference", &path, format!("there is no backup `{plan}`"), "refers to nothing", &help);
                } else {
                    self.unknown("backup", plan.as_str(), &path, profile.backups.keys().map(ServiceName::as_str));
                }
                continue;
            };
            let Some((store, server)) = backing.iter().find(|store| store.name == *name).and_then(|store| Some((store, store.server.as_ref()?))) else {
                continue;
            };
            list.extend(self.backup(plan, backup, store, server));
        }
        let named = list.iter().flat_map(|backup| [&backup.name, &backup.restore].map(|own| (own.clone(), backup.store.clone()))).collect::<Vec<_>>();
        for (own, store) in named {
            let volumes = profile.services.iter().flat_map(|(_, service)| service.volumes.keys());
            if profile.services.keys().chain(profile.backing_services.keys()).chain(volumes).any(|taken| taken.as_str() == own) {
                let at = KeyPath::of(&["backing_services", store.as_str(), "backup"]);
                self.error("name-clash", &at, format!("`{own}` belongs to the backup of `{store}`"), "needs that name", "give what has it now another one");
            }
        }
        list.retain(|_| profile.environment.kind != EnvironmentKind::Development);
        list
    }

    fn backup(&mut self, plan: &ServiceName, written: &model::BackupPlan, store: &BackingService, server: &Server) -> Option<Backup> {
        let at = |key| KeyPath::of(&["backups", plan.as_str()]).key(key);
        let Backing::Postgres { database, user, more, .. } = &store.kind else { return None };
        let keep = self.or_as(&at("keep"), written.keep, defaults::BACKUPS, &defaults::BACKUPS.to_string(), "two weeks, if there is one each night");
        let destination = at("destination");
        let place = match (&written.destination.external, written.destination.size) {
            (Some(external), size) => {
                self.is_there_already(&destination.key("external"), external, size.map(|_| destination.key("size")));
                BackupPlace::External(external.clone())
            }
            (None, size) => {
                let data = server.storage.unwrap_or(defaults::POSTGRES_STORAGE);
                BackupPlace::Own(self.or_as(&destination.key("size"), size, data, &data.to_string(), "as large as the server's own"))
            }
        };
        Some(Backup {
            name: format!("{}-backup", store.name),
            restore: format!("{}-restore", store.name),
            store: store.name.clone(),
            schedule: written.schedule.clone(),
            keep,
            place,
            databases: std::iter::once(database).chain(more.iter().map(|more| &more.name)).cloned().collect(),
            user: user.clone(),
            password: store.password.clone()?,
            resources: Resources {
                request_cpu: defaults::BACKUP_CPU,
                request_memory: defaults::BACKUP_MEMORY,
                limit_cpu: server.resources.limit_cpu.max(defaults::BACKUP_CPU),
                limit_memory: defaults::BACKUP_MEMORY,
            },
            pids: defaults::BACKUP_PIDS,
            stop_grace: defaults::STOP_GRACE,
            deadline: defaults::CRON_DEADLINE,
        })
    }
}
