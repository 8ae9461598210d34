import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import type { Edit, Invitation, Member, Playlist, PlaylistRole, Visibility } from "../api/types";
import { date, t } from "../i18n";
import { forgetQueries, put, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink, haptic } from "../telegram";
import { Icon } from "../ui/icons";
import { CopyLine, explain, Failure, IconButton, Skeleton } from "../ui/parts";
import { Sheet } from "../ui/sheet";
import { say } from "../ui/toast";

const VISIBILITIES: Visibility[] = ["private", "unlisted", "public"];

/** Does it, or says why not. */
async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    haptic.select();
    return true;
  } catch (error) {
    haptic.error();
    say(explain(asProblem(error)));
    return false;
  }
}

/** Into Telegram where our bot is known, else to this very site. */
function linkTo(start: string, path: string): string {
  return appLink(start) ?? new URL(path, location.href).href;
}

/** Who may see it, the links, and who shares it. */
export function PeopleSheet({
  of,
  playlist,
  close,
}: {
  of: string;
  playlist: Playlist;
  close: () => void;
}): JSX.Element {
  const owner = playlist.role === "owner";
  return (
    <Sheet title={t("people.title")} close={close}>
      {owner && <Seen of={of} playlist={playlist} />}
      <Link of={of} playlist={playlist} owner={owner} />
      {owner && <Invite playlist={playlist} />}
      <Members of={of} playlist={playlist} owner={owner} close={close} />
    </Sheet>
  );
}

function Seen({ of, playlist }: { of: string; playlist: Playlist }): JSX.Element {
  const choose = (visibility: Visibility) => {
    const before = playlist.visibility;
    const show = (value: Visibility) =>
      put<Playlist>(`playlist:${of}`, (known) => known && { ...known, visibility: value });
    show(visibility);
    void attempt(async () => {
      const changed = await library.change(playlist.id, { visibility });
      put<Playlist>(`playlist:${of}`, () => changed);
      forgetQueries("playlists");
    }).then((done) => !done && show(before));
  };
  return (
    <fieldset class="choices">
      <legend class="choices-title">{t("visibility.title")}</legend>
      {VISIBILITIES.map((each) => (
        <label key={each} class="choice">
          <input
            type="radio"
            name="visibility"
            checked={playlist.visibility === each}
            onChange={() => choose(each)}
          />
          <span>{t(`visibility.${each}`)}</span>
          <Icon name="check" size={20} />
        </label>
      ))}
    </fieldset>
  );
}

function Link({
  of,
  playlist,
  owner,
}: {
  of: string;
  playlist: Playlist;
  owner: boolean;
}): JSX.Element | null {
  const { link } = playlist;
  if (!link) return owner ? <p class="soft small">{t("people.link.private")}</p> : null;
  const renew = () =>
    attempt(async () => {
      const changed = await library.relink(playlist.id);
      put<Playlist>(`playlist:${of}`, () => changed);
      say(t("people.relinked"));
    });
  return (
    <section class="people-part">
      <h3>{t("people.link")}</h3>
      <CopyLine value={linkTo(`p${link.replaceAll("-", "")}`, href.playlist(link))} />
      {owner && playlist.visibility === "unlisted" && (
        <button type="button" class="people-act" onClick={() => void renew()}>
          {t("people.relink")}
          <small class="soft">{t("people.relink.note")}</small>
        </button>
      )}
    </section>
  );
}

function Invite({ playlist }: { playlist: Playlist }): JSX.Element {
  const key = `invitation:${playlist.id}`;
  const query = useQuery<Invitation | null>(key, () =>
    library.invitation(playlist.id).catch((error: unknown) => {
      if (asProblem(error).status === 404) return null;
      throw error;
    }),
  );
  const [ended, setEnded] = useState(false);
  const found = ended ? null : query.data;
  const invite = (role: PlaylistRole) =>
    attempt(async () => {
      const made = await library.invite(playlist.id, role);
      put<Invitation>(key, () => made);
      setEnded(false);
    });
  const end = () =>
    attempt(async () => {
      await library.uninvite(playlist.id);
      forgetQueries(key);
      setEnded(true);
      say(t("people.uninvited"));
    });
  if (!found) {
    return (
      <section class="people-part people-invite">
        <button type="button" class="button wide" onClick={() => void invite("editor")}>
          <Icon name="people" size={20} />
          {t("people.invite")}
        </button>
        {playlist.visibility === "private" && (
          <button type="button" class="button wide" onClick={() => void invite("viewer")}>
            {t("people.invite.viewer")}
          </button>
        )}
      </section>
    );
  }
  return (
    <section class="people-part">
      <h3>{t(found.role === "editor" ? "people.invite" : "people.invite.viewer")}</h3>
      <CopyLine value={linkTo(`j${found.token}`, href.join(found.token))} />
      <p class="soft small">{t("people.invite.note", { date: date(found.expires_at) })}</p>
      <button type="button" class="people-act bad" onClick={() => void end()}>
        {t("people.uninvite")}
      </button>
    </section>
  );
}

function Members({
  of,
  playlist,
  owner,
  close,
}: {
  of: string;
  playlist: Playlist;
  owner: boolean;
  close: () => void;
}): JSX.Element {
  const key = `members:${playlist.id}`;
  const query = useQuery(key, () => library.members(playlist.id));
  if (!query.data) {
    if (query.problem) return <Failure problem={query.problem} retry={() => void query.retry()} />;
    return <Skeleton shapes={["row", "row"]} />;
  }
  const role = (member: Member, to: PlaylistRole) =>
    attempt(async () => {
      const changed = await library.memberRole(playlist.id, member.id, to);
      put<{ results: Member[] }>(key, () => changed);
    });
  const remove = (member: Member) =>
    attempt(async () => {
      await library.memberRemove(playlist.id, member.id);
      put<{ results: Member[] }>(
        key,
        (known) => known && { results: known.results.filter((each) => each.id !== member.id) },
      );
      say(t("people.removed", { name: member.name }));
    });
  const leave = (member: Member) =>
    attempt(async () => {
      await library.memberRemove(playlist.id, member.id);
      for (const old of ["playlists", `playlist:${of}`]) forgetQueries(old);
      close();
      say(t("playlist.left"));
      go(href.library(), true);
    });
  const me = query.data.results.find((each) => each.you);
  return (
    <section class="people-part">
      <h3>{t("people.members")}</h3>
      <ul class="list">
        {query.data.results.map((member) => (
          <li key={member.id} class="list-row">
            <MemberRow
              member={member}
              owner={owner}
              role={(to) => void role(member, to)}
              remove={() => void remove(member)}
            />
          </li>
        ))}
      </ul>
      {me && me.role !== "owner" && (
        <button type="button" class="people-act bad" onClick={() => void leave(me)}>
          {t("playlist.leave")}
        </button>
      )}
    </section>
  );
}

function MemberRow({
  member,
  owner,
  role,
  remove,
}: {
  member: Member;
  owner: boolean;
  role: (to: PlaylistRole) => void;
  remove: () => void;
}): JSX.Element {
  const name = member.name || t("people.nameless");
  const changes = owner && member.role !== "owner";
  return (
    <>
      {member.photo_url ? (
        <img class="portrait portrait-line" src={member.photo_url} alt="" width={40} height={40} />
      ) : (
        <span class="portrait portrait-line portrait-letter">{name.slice(0, 1)}</span>
      )}
      <span class="list-main">
        <b>
          {name}
          {member.you && <span class="soft"> · {t("people.you")}</span>}
        </b>
        {!changes && <small class="soft">{t(`people.${member.role}`)}</small>}
      </span>
      {changes && (
        <>
          <select
            class="people-role"
            aria-label={t("people.role", { name })}
            value={member.role}
            onChange={(event) => role(event.currentTarget.value as PlaylistRole)}
          >
            <option value="editor">{t("people.editor")}</option>
            <option value="viewer">{t("people.viewer")}</option>
          </select>
          <IconButton icon="close" size={18} label={t("people.remove", { name })} press={remove} />
        </>
      )}
    </>
  );
}

/** Who did what, last first. */
export function LogSheet({
  playlist,
  close,
}: {
  playlist: Playlist;
  close: () => void;
}): JSX.Element {
  const query = useQuery(`log:${playlist.id} ${playlist.version}`, () => library.log(playlist.id));
  return (
    <Sheet title={t("log.title")} close={close}>
      {query.data ? (
        <ol class="log">
          {query.data.results.map((edit) => (
            <li key={edit.id}>
              <span>
                <b>{edit.by || t("people.nameless")}</b>
                {t("log.between")}
                {told(edit)}
              </span>
              <small class="soft">{date(edit.at, true)}</small>
            </li>
          ))}
        </ol>
      ) : query.problem ? (
        <Failure problem={query.problem} retry={() => void query.retry()} />
      ) : (
        <Skeleton shapes={["line", "line", "line"]} />
      )}
    </Sheet>
  );
}

function told(edit: Edit): string {
  const values = {
    track: edit.track,
    place: edit.place ?? 0,
    member: edit.member || t("people.nameless"),
  };
  const sent = edit.kind === "left" && edit.member !== edit.by;
  return t(sent ? "log.sent" : `log.${edit.kind}`, values);
}
