"""The tables of `station.db`: what happened, in SQLite through SQLAlchemy Core.

Instants are whole milliseconds since the Unix epoch.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
    update,
)

from station.rules.letters import plain, spelled
from station.stores.seal import sealed

metadata = MetaData()

segments = Table(
    "segment",
    metadata,
    Column(
        "id",
        String,
        primary_key=True,
        doc="first twelve hex digits of the sha256 of the original, of the first recipe, or of an offer",
    ),
    Column("name", String, nullable=False, unique=True, doc="what a schedule's `play` names"),
    Column("title", String, nullable=False),
    Column("kind", String, nullable=False, doc="ident, news, feature, notice, music, sting or signoff"),
    Column("origin", String, nullable=False, doc="commune, province or central"),
    Column("state", String, nullable=False, doc="received, draft, waiting, approved, rejected or refused"),
    Column("original", String, nullable=False, doc="sha256 of the file as it came, or of the recipe's first one"),
    Column("ready", String, doc="sha256 of the levelled file"),
    Column("length", Integer, doc="milliseconds"),
    Column("loudness", Float, doc="LUFS, after levelling"),
    Column("peak", Float, doc="dBTP, after levelling"),
    Column("refusal", String, doc="why it cannot be used, in a sentence"),
    Column("author", String, nullable=False),
    Column("received_at", Integer, nullable=False),
    Column("approver", String),
    Column("approved_at", Integer),
    Column("approved", String, doc="the levelled file's sha256 that was approved"),
    Column("rejection", String, doc="why a person rejected it, in a sentence"),
    Column("field", String, nullable=False, server_default="other", doc="what it is about"),
    Column("source", String, nullable=False, server_default="", doc="where its information is from"),
    Column("confirmed_by", String, nullable=False, server_default="", doc="who says that it is true"),
    Column("responsible", String, nullable=False, server_default="", doc="who answers for its content"),
    Column("valid_from", Integer),
    Column("valid_until", Integer),
    Column("corrects", String, doc="the id of the segment that it sets right"),
    Column("words", String, doc="the text that a voice reads, of one that was typed"),
    Column("spelled", String, nullable=False, server_default="", doc="what is searched, in small letters"),
    Column("plain", String, nullable=False, server_default="", doc="the same without Vietnamese marks"),
    Column("recipe", String, doc="what is heard of which originals, in JSON; null for all of the one original"),
    Column("findings", String, nullable=False, server_default="[]", doc="what is wrong with it, in JSON"),
    Column("offered", String, doc="its path in the province's tree, of one that the province sent"),
    Column("vouched", String, doc="the digest of that offer as it was taken; null if its file is to be had anew"),
    Index("segment_searched", "received_at", "id", "plain", "spelled"),
    Index("segment_usable", "state", "kind", "received_at"),
)

waveforms = Table(
    "waveform",
    metadata,
    Column("ready", String, primary_key=True, doc="the levelled file's sha256"),
    Column("bars", LargeBinary, nullable=False, doc="its outline from begin to end, a byte each"),
)

as_run = Table(
    "as_run",
    metadata,
    Column("key", String, primary_key=True, doc="the broadcast's schedule and start"),
    Column("schedule", String, nullable=False),
    Column("title", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("priority", String, nullable=False),
    Column("zones", String, nullable=False, doc="names, space separated"),
    Column("trigger", String, nullable=False, doc="schedule or hand"),
    Column("who", String, nullable=False, doc="the person, or empty for the timetable"),
    Column("override", String, nullable=False, doc="why a person let it sound outside allowed hours, or empty"),
    Column("planned_start", Integer, nullable=False),
    Column("planned_end", Integer, nullable=False),
    Column("opened_at", Integer, nullable=False),
    Column("actual_start", Integer, doc="the first sample; null if nothing sounded"),
    Column("actual_end", Integer),
    Column("result", String, doc="aired, cut, missed or failed; null while it is on"),
    Column("reason", String, nullable=False, doc="why it was not simply aired, in a sentence"),
    Column("proof", String, nullable=False, doc="heard, silent, other or unverified, by a capture of the output"),
    Column("proof_match", Float, doc="correlation of what came out with the tape; null if unverified"),
    Column("proof_level", Float, doc="how much louder than the tape it came out, dB"),
    Column("proof_late", Float, doc="how much later than the tape it came out, ms"),
    Column("spelled", String, nullable=False, server_default="", doc="what is searched, in small letters"),
    Column("plain", String, nullable=False, server_default="", doc="the same without Vietnamese marks"),
    Index("as_run_searched", "planned_start", "key", "result", "origin", "priority", "zones", "plain", "spelled"),
)

as_run_segments = Table(
    "as_run_segment",
    metadata,
    Column("key", String, primary_key=True, doc="the broadcast's, as in as_run"),
    Column("number", Integer, primary_key=True, doc="its place among the segments of the programme"),
    Column("segment", String, nullable=False, doc="its id"),
    Column("ready", String, nullable=False, doc="the sha256 of the levelled file that was in the tape"),
    Column("title", String, nullable=False, doc="as it was then"),
    Column("kind", String, nullable=False, doc="as it was then; empty if the segment was gone by then"),
    Column("at", Integer, nullable=False, doc="ms from the programme's first sample"),
    Column("length", Integer, nullable=False, doc="ms"),
    Column("origin", String, nullable=False, server_default="commune", doc="whose the segment was"),
)

faults = Table(
    "fault",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("opened_at", Integer, nullable=False),
    Column("closed_at", Integer, doc="null while it lasts"),
    Column("where", String, nullable=False, doc="of a trouble, as the three sentences that follow"),
    Column("what", String, nullable=False),
    Column("still", String, nullable=False),
    Column("mend", String, nullable=False),
    Index("fault_lasted", "closed_at", "opened_at"),
)

report_deliveries = Table(
    "report_delivery",
    metadata,
    Column("destination", String, primary_key=True, doc="where the reports go: another province begins anew"),
    Column("date", String, primary_key=True, doc="the day that is reported, as YYYY-MM-DD"),
    Column("digest", String, nullable=False, doc="of the report that the destination has; empty while it has none"),
    Column("delivered_at", Integer, nullable=False),
    Column("sealed", Boolean, nullable=False, doc="whether nothing of that day can change any more"),
)

alerts = Table(
    "alert",
    metadata,
    Column("id", String, primary_key=True, doc="of its sender, identifier and instant, in hex digits"),
    Column("origin", String, nullable=False, doc="`province`, or `feed:NAME`"),
    Column("sender", String, nullable=False, doc="who signed it, by short name; empty for a feed's"),
    Column("sender_title", String, nullable=False, doc="what people call them, as it was then"),
    Column("xml", String, nullable=False, doc="the message itself, without its sound"),
    Column("sound", String, doc="sha256 of the levelled sound that came in it"),
    Column("sound_length", Integer, doc="of that, in ms"),
    Column("way", String, nullable=False, doc="how it came first: push, poll, feed"),
    Column("sent", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
    Column("received_at", Integer, nullable=False),
    Column("decision", String, nullable=False, doc="air, propose, note or refuse"),
    Column("reason", String, nullable=False, doc="why, in a sentence"),
    Column("ended", String, nullable=False, server_default="", doc="cancelled, replaced or dismissed; or empty"),
    Column("ended_by", String, nullable=False, server_default="", doc="the id of what ended it, or a person"),
    Column("ended_at", Integer),
    Column("aired_by", String, nullable=False, server_default="", doc="who let a proposal be aired"),
    Index("alert_came", "received_at"),
)

people = Table(
    "person",
    metadata,
    Column("name", String, primary_key=True),
    Column("password", String, nullable=False, doc="scrypt, as werkzeug writes it"),
    Column("created_at", Integer, nullable=False),
    Column("roles", String, nullable=False, doc="operator, approver, technician; space separated"),
)

muted_zones = Table(
    "muted_zone",
    metadata,
    Column("zone", String, primary_key=True, doc="kept off whatever airs"),
    Column("who", String, nullable=False),
    Column("since", Integer, nullable=False),
)

setup_codes = Table(
    "setup_code",
    metadata,
    Column("hash", String, primary_key=True, doc="sha256 of the one-time code, which is 60 random bits"),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer, doc="null for one that the terminal showed"),
    Column("roles", String, nullable=False, doc="what a new person will be"),
    Column("person", String, nullable=False, doc="for whom a password is set anew, or empty"),
    Column("made_by", String, nullable=False, doc="who may take it back; empty for the terminal"),
)

sessions = Table(
    "session",
    metadata,
    Column("token", String, primary_key=True, doc="sha256 of what the browser holds"),
    Column("person", String, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer, nullable=False, doc="to the hour: the card is spared"),
    Column("device", String, nullable=False, doc="the browser, in words"),
    Column("address", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Integer, nullable=False),
    Column("who", String, nullable=False),
    Column("deed", String, nullable=False),
    Column("subject", String, nullable=False),
    Column(
        "origin",
        String,
        nullable=False,
        doc="the address that asked, or the machine; empty when it was not kept yet",
    ),
    Column("seal", String, nullable=False, doc="sha256 of the record and of the seal before"),
)

audit_end = Table(
    "audit_end",
    metadata,
    Column("id", Integer, primary_key=True, doc="always 1"),
    Column("seal", String, nullable=False, doc="of the last record, so that one taken away at the end shows too"),
)


# What each version changed, in order; the database's own user_version says how many it has.
_CHANGES = (
    "ALTER TABLE as_run ADD COLUMN override VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE as_run ADD COLUMN proof VARCHAR NOT NULL DEFAULT 'unverified'",
    "ALTER TABLE as_run ADD COLUMN proof_match FLOAT",
    "ALTER TABLE as_run ADD COLUMN proof_level FLOAT",
    "ALTER TABLE as_run ADD COLUMN proof_late FLOAT",
    "ALTER TABLE segment ADD COLUMN rejection VARCHAR",
    "ALTER TABLE segment ADD COLUMN field VARCHAR NOT NULL DEFAULT 'other'",
    "ALTER TABLE segment ADD COLUMN source VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE segment ADD COLUMN confirmed_by VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE segment ADD COLUMN responsible VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE segment ADD COLUMN valid_from INTEGER",
    "ALTER TABLE segment ADD COLUMN valid_until INTEGER",
    "ALTER TABLE segment ADD COLUMN corrects VARCHAR",
    "ALTER TABLE segment ADD COLUMN words VARCHAR",
    "ALTER TABLE segment ADD COLUMN spelled VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE segment ADD COLUMN plain VARCHAR NOT NULL DEFAULT ''",
    "CREATE INDEX IF NOT EXISTS segment_searched ON segment (received_at, id, plain, spelled)",
    "CREATE INDEX IF NOT EXISTS segment_usable ON segment (state, kind, received_at)",
    "ALTER TABLE segment ADD COLUMN recipe VARCHAR",
    "ALTER TABLE segment ADD COLUMN findings VARCHAR NOT NULL DEFAULT '[]'",
    "ALTER TABLE as_run ADD COLUMN spelled VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE as_run ADD COLUMN plain VARCHAR NOT NULL DEFAULT ''",
    (
        "CREATE INDEX IF NOT EXISTS as_run_searched ON as_run"
        " (planned_start, key, result, origin, priority, zones, plain, spelled)"
    ),
    "ALTER TABLE person ADD COLUMN roles VARCHAR NOT NULL DEFAULT 'operator approver technician'",
    "DROP TABLE IF EXISTS setup_code",
    "ALTER TABLE session ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN device VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE session ADD COLUMN address VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN origin VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN seal VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE segment ADD COLUMN offered VARCHAR",
    "ALTER TABLE segment ADD COLUMN vouched VARCHAR",
    (  # an older version than the table's first one has none
        "CREATE TABLE IF NOT EXISTS as_run_segment (key VARCHAR NOT NULL, number INTEGER NOT NULL,"
        " segment VARCHAR NOT NULL, ready VARCHAR NOT NULL, title VARCHAR NOT NULL, kind VARCHAR NOT NULL,"
        " at INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (key, number))"
    ),
    "ALTER TABLE as_run_segment ADD COLUMN origin VARCHAR NOT NULL DEFAULT 'commune'",
    "DROP TABLE IF EXISTS heartbeat",
)
VERSION = len(_CHANGES)  # what a database says that is up to date


def bring_up_to_date(connection: Connection) -> bool:
    """Give a database its tables, and an older one what it lacks; whether rows of it may have changed by that."""
    known = inspect(connection).has_table(as_run.name)
    version = connection.execute(text("PRAGMA user_version")).scalar_one()
    for change in _CHANGES[version:] if known else ():
        connection.execute(text(change))
    if known and version < VERSION:
        _make_searchable(connection)
    unsealed = known and not inspect(connection).has_table(audit_end.name)
    metadata.create_all(connection)
    if unsealed:
        _seal_audit(connection)
    if version < VERSION:
        connection.execute(text(f"PRAGMA user_version = {VERSION}"))
    return bool(known) and (version < VERSION or unsealed)


def _make_searchable(connection: Connection) -> None:
    """Fill in what is searched of segments and records that an older version wrote."""
    for row in connection.execute(select(segments.c.id, segments.c.title).where(segments.c.plain == "")).all():
        searched = {"spelled": spelled(row.title), "plain": plain(row.title)}
        connection.execute(update(segments).where(segments.c.id == row.id).values(searched))
    told = select(as_run.c.key, as_run.c.title, as_run.c.who, as_run.c.reason).where(as_run.c.plain == "")
    for key, *texts in connection.execute(told).all():
        searched = {"spelled": spelled(*texts), "plain": plain(*texts)}
        connection.execute(update(as_run).where(as_run.c.key == key).values(searched))


def _seal_audit(connection: Connection) -> None:
    """Seal the audit records that an older version wrote."""
    seal = ""
    for record in connection.execute(select(audit).order_by(audit.c.id)).all():
        seal = sealed(record, seal)
        connection.execute(update(audit).where(audit.c.id == record.id).values(seal=seal))
    connection.execute(insert(audit_end).values(id=1, seal=seal))
