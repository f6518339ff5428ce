"""What Slack documents per method: tier, scopes, required arguments and the only errors allowed."""

from __future__ import annotations

from dataclasses import dataclass

# Errors that Slack documents for every method.
EVERYWHERE = frozenset(
    [
        "account_inactive",
        "fatal_error",
        "internal_error",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_auth",
        "invalid_charset",
        "invalid_form_data",
        "invalid_post_type",
        "missing_post_type",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_access_not_granted",
        "token_revoked",
    ]
)
# Reading methods take a query or a form; a JSON body is dropped as if it were empty, see
# "methods supporting JSON" in https://docs.slack.dev/apis/web-api
NO_JSON = frozenset(
    [
        "bots.info",
        "chat.getPermalink",
        "conversations.history",
        "conversations.info",
        "conversations.list",
        "conversations.members",
        "conversations.replies",
        "emoji.list",
        "files.getUploadURLExternal",
        "pins.list",
        "reactions.get",
        "team.info",
        "usergroups.list",
        "usergroups.users.list",
        "users.conversations",
        "users.info",
        "users.list",
        "users.lookupByEmail",
        "users.profile.get",
    ]
)
# Not in any method's list because there is no such method.
UNKNOWN_METHOD = "unknown_method"


@dataclass(frozen=True, kw_only=True)
class Method:
    """One line of Slack's reference. `scopes` names a family in `scopes.FAMILIES` or a scope."""

    tier: int
    scopes: str
    required: tuple[str, ...]
    errors: frozenset[str]


def _method(tier: int, scopes: str, required: str, errors: str) -> Method:
    return Method(
        tier=tier,
        scopes=scopes,
        required=tuple(required.split()),
        errors=frozenset(errors.split()),
    )


_MESSAGE = (
    "channel_not_found invalid_blocks invalid_blocks_format is_archived markdown_text_conflict "
    "message_limit_exceeded no_text not_in_channel restricted_action too_many_attachments "
)
_METADATA = "invalid_metadata_format invalid_metadata_schema metadata_too_large "
_NAME = (
    "invalid_name invalid_name_maxlength invalid_name_punctuation invalid_name_required "
    "invalid_name_specials name_taken "
)
_TYPE = "channel_not_found method_not_supported_for_channel_type "
_TRIGGER = (
    "duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id "
    "view_too_large "
)
_REACTION = "bad_timestamp channel_not_found invalid_name message_not_found no_item_specified "

# Tier 0 means "special": the method has a limit of its own, or none worth playing.
METHODS: dict[str, Method] = {
    "api.test": _method(4, "", "", ""),
    "auth.test": _method(0, "", "", ""),
    "team.info": _method(3, "team:read", "", "team_not_found"),
    "bots.info": _method(3, "users:read", "", "bot_not_found missing_argument"),
    "emoji.list": _method(2, "emoji:read", "", ""),
    "users.info": _method(4, "users:read", "user", "user_not_found user_not_visible"),
    "users.list": _method(2, "users:read", "", "invalid_cursor limit_required"),
    "users.lookupByEmail": _method(3, "users:read.email", "email", "users_not_found"),
    "users.profile.get": _method(4, "users.profile:read", "", "user_not_found"),
    "users.conversations": _method(3, "read", "", "invalid_cursor invalid_limit invalid_types"),
    "usergroups.list": _method(2, "usergroups:read", "", "plan_upgrade_required"),
    "usergroups.users.list": _method(2, "usergroups:read", "usergroup", "no_such_subteam"),
    "usergroups.users.update": _method(
        2,
        "usergroups:write",
        "usergroup users",
        "invalid_users no_users_provided permission_denied",
    ),
    "conversations.create": _method(2, "manage", "", _NAME + "no_channel restricted_action"),
    "conversations.rename": _method(
        2, "manage", "channel", _NAME + _TYPE + "is_archived not_authorized not_in_channel"
    ),
    "conversations.archive": _method(
        2, "manage", "channel", _TYPE + "already_archived cant_archive_general not_in_channel"
    ),
    "conversations.unarchive": _method(2, "manage", "channel", _TYPE + "not_archived"),
    "conversations.info": _method(3, "read", "channel", "channel_not_found"),
    "conversations.list": _method(2, "read", "", "invalid_cursor invalid_limit invalid_types"),
    "conversations.members": _method(
        4, "read", "channel", _TYPE + "fetch_members_failed invalid_cursor invalid_limit"
    ),
    "conversations.history": _method(
        3,
        "history",
        "channel",
        "channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest "
        "invalid_ts_oldest not_in_channel",
    ),
    "conversations.replies": _method(
        3,
        "history",
        "channel ts",
        _TYPE + "invalid_cursor invalid_metadata_filter_keys invalid_ts_latest "
        "invalid_ts_oldest thread_not_found",
    ),
    "conversations.join": _method(3, "channels:join", "channel", _TYPE + "is_archived"),
    "conversations.leave": _method(
        3, "manage", "channel", _TYPE + "cant_leave_general is_archived last_member"
    ),
    "conversations.invite": _method(
        3,
        "invite",
        "channel",
        _TYPE + "already_in_channel cant_invite cant_invite_self is_archived no_user "
        "not_in_channel org_user_not_in_team ura_max_channels user_is_restricted user_not_found",
    ),
    "conversations.kick": _method(
        3,
        "manage",
        "channel user",
        _TYPE + "cant_kick_from_general cant_kick_self not_in_channel user_not_found",
    ),
    "conversations.open": _method(
        3,
        "open",
        "",
        "channel_not_found invalid_user_combination not_enough_users too_many_users "
        "user_disabled user_not_found user_not_visible users_list_not_supplied",
    ),
    "conversations.setTopic": _method(
        2, "topic", "channel topic", _TYPE + "is_archived not_in_channel too_long"
    ),
    "conversations.setPurpose": _method(
        2, "topic", "channel purpose", _TYPE + "is_archived not_in_channel too_long"
    ),
    "chat.postMessage": _method(
        0,
        "chat:write",
        "channel",
        _MESSAGE + _METADATA + "cannot_reply_to_message msg_blocks_too_long rate_limited",
    ),
    "chat.postEphemeral": _method(
        4,
        "chat:write",
        "channel user",
        _MESSAGE + "cannot_reply_to_message invalid_attachments msg_too_long user_not_in_channel",
    ),
    "chat.update": _method(
        3,
        "chat:write",
        "channel ts",
        _METADATA + "block_mismatch cant_update_message channel_not_found edit_window_closed "
        "invalid_attachments invalid_blocks invalid_blocks_format is_inactive "
        "markdown_text_conflict message_limit_exceeded message_not_found msg_too_long no_text "
        "too_many_attachments update_failed",
    ),
    "chat.delete": _method(
        3, "chat:write", "channel ts", "cant_delete_message channel_not_found message_not_found"
    ),
    "chat.getPermalink": _method(
        0, "", "channel message_ts", "channel_not_found message_not_found"
    ),
    "chat.scheduleMessage": _method(
        3,
        "chat:write",
        "channel post_at",
        _MESSAGE + _METADATA + "invalid_time msg_too_long rate_limited restricted_too_many "
        "time_in_past time_too_far",
    ),
    "chat.deleteScheduledMessage": _method(
        3,
        "chat:write",
        "channel scheduled_message_id",
        "channel_not_found invalid_scheduled_message_id",
    ),
    "views.open": _method(4, "", "view", _TRIGGER),
    "views.push": _method(4, "", "view", _TRIGGER + "not_found push_limit_reached"),
    "views.update": _method(
        4, "", "view", "duplicate_external_id hash_conflict not_found view_too_large"
    ),
    "views.publish": _method(
        4,
        "",
        "user_id view",
        "duplicate_external_id hash_conflict not_enabled view_too_large",
    ),
    "reactions.add": _method(
        3,
        "reactions:write",
        "name",
        _REACTION + "already_reacted is_archived not_reactable too_many_emoji too_many_reactions",
    ),
    "reactions.remove": _method(2, "reactions:write", "name", _REACTION + "no_reaction"),
    "reactions.get": _method(
        3,
        "reactions:read",
        "",
        "bad_timestamp channel_not_found message_not_found no_item_specified",
    ),
    "pins.add": _method(
        2,
        "pins:write",
        "channel",
        "already_pinned bad_timestamp channel_not_found message_not_found no_item_specified "
        "not_in_channel not_pinnable restricted_action too_many_pins",
    ),
    "pins.remove": _method(
        2,
        "pins:write",
        "channel",
        "bad_timestamp channel_not_found message_not_found no_item_specified no_pin not_pinned",
    ),
    "pins.list": _method(2, "pins:read", "channel", "channel_not_found"),
    "bookmarks.add": _method(
        2,
        "bookmarks:write",
        "channel_id title type",
        "channel_not_found invalid_bookmark_type invalid_emoji invalid_link permission_denied "
        "too_many_bookmarks",
    ),
    "bookmarks.edit": _method(
        2,
        "bookmarks:write",
        "bookmark_id channel_id",
        "channel_not_found invalid_emoji invalid_link not_found permission_denied",
    ),
    "bookmarks.remove": _method(
        2,
        "bookmarks:write",
        "bookmark_id channel_id",
        "channel_not_found not_found permission_denied",
    ),
    "bookmarks.list": _method(3, "bookmarks:read", "channel_id", "channel_not_found"),
    "files.getUploadURLExternal": _method(
        4,
        "files:write",
        "filename length",
        "file_type_not_allowed file_upload_size_restricted missing_argument",
    ),
    "files.completeUploadExternal": _method(
        4,
        "files:write",
        "files",
        "channel_not_found channels_limit_exceeded file_not_found file_update_failed "
        "invalid_blocks invalid_channel not_in_channel posting_to_channel_denied",
    ),
    "openid.connect.token": _method(
        4,
        "",
        "",
        "bad_client_secret bad_redirect_uri cannot_install_an_org_installed_app invalid_client "
        "invalid_client_id invalid_code invalid_grant invalid_grant_type invalid_refresh_token "
        "invalid_request oauth_authorization_url_mismatch preview_feature_not_available "
        "unsupported_grant_type",
    ),
    "openid.connect.userInfo": _method(3, "", "", ""),
    "canvases.create": _method(2, "canvases:write", "", "canvas_creation_failed"),
}


def allowed(method: str, error: str) -> bool:
    """Whether Slack documents this error for this method."""
    found = METHODS.get(method)
    if found is None:
        return error == UNKNOWN_METHOD
    return error in found.errors or error in EVERYWHERE
