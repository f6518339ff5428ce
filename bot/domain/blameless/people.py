"""Tells people from machines in the grammar of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Nouns for people at work. Those whose requests fail (users, customers) are not among them.
ROLES = (
    r"engineers?|developers?|devs?|programmers?|coders?|admins?|administrators?|sysadmins?|dbas?"
    r"|sres?|responders?|reviewers?|approvers?|authors?|maintainers?|committers?|testers?"
    r"|commanders?|managers?|leads?|(?:team|tech) leaders?|architects?|analysts?|technicians?|contractors?"
    r"|consultants?|interns?|juniors?|seniors?|colleagues?|coworkers?|co-workers?|employees?"
    r"|staff|personnel|persons?|people|humans?|individuals?|hires?|newcomers?|teammates?"
    r"|(?:team|staff|crew) members?|vendors?|suppliers?|teams?|squads?|crews?|departments?"
    r"|management|leadership|owners?|on-?callers?|on-?calls?|shifts?|guys?|folks|stakeholders?"
    r"|executives?|directors?|officers?|specialists?|experts?|helpdesk|help desk|support"
)
# One of these before the noun makes it a program: "connection manager", "cluster operator".
MACHINE_KIND = (
    r"(?:package|cert|certificate|config|configuration|session|memory|lock|queue|task|job|device"
    r"|window|file|network|traffic|resource|controller|cluster|node|secret|secrets|key|volume"
    r"|process|service|systems|alert|replica|partition|shard|raft|etcd|elected|transaction|state"
    r"|dependency|extension|plugin|tag|cache|buffer|connection|pool|resource|ssl|tls|time|tech"
    r"|ipv6|browser|protocol|tls|format|hardware|driver|language|multi-tenant)"
)
PROGRAM = re.compile(
    rf"\b{MACHINE_KIND}[ -](?:managers?|operators?|members?|support|owners?|leads?|testers?)\b"
    r"|\b(?-i:[A-Z][a-z]+|[A-Z]{2,}) operators?\b(?=.*\b(?:reconcil|sync|pod|deploy|CRD|start))",
    re.IGNORECASE,
)
GROUPS = (
    r"QA|Ops|DevOps|SRE|SREs|Support|Platform|Security|Infra|Infrastructure|Engineering|Marketing"
    r"|Sales|Product|Finance|Legal|Management|Leadership|IT|DBAs?|NOC|Operations|Backend|Frontend"
    r"|Data|Networking|Development|Release engineering|Customer success|Customer support"
)
PRONOUNS = (
    r"he|she|they|we|i|you|someone|somebody|nobody|no[ -]one|anyone|anybody|everyone|everybody"
    r"|one of us|none of us|neither of them|whoever"
)
POSSESSIVES = r"his|her|their|our|my|your|whose|someone's|somebody's|everyone's"
GIVEN_NAMES = (
    "Aaron Abdul Adam Adrian Ahmed Aisha Alan Albert Alejandro Alex Alexander Ali Alice Alicia "
    "Amanda Amir Amit Amy Ana Anand Andre Andrea Andrew Andy Angela Anita Anjali Ann Anna Anne "
    "Anthony Antonio Anya Arjun Arun Ashley Barbara Beatrice Ben Benjamin Bill Bob Boris Brandon "
    "Brian Bruno Carla Carlos Carmen Carol Caroline Catherine Charles Charlie Charlotte Chloe Chris "
    "Christian Christina Christine Christopher Claire Clara Colin Craig Cynthia Daniel Daniela "
    "Danny Dave David Dana Deborah Deepak Dennis Derek Diana Diego Dmitri Dmitry Donald Donna Doug "
    "Dylan Ed Eduardo Edward Elena Eli Elizabeth Ella Ellen Emily Emma Eric Erik Erin Ethan Eva "
    "Evan Fatima Felix Fernando Fiona Fran Francesca Frank Fred Gabriel Gary George Gita Giulia "
    "Gordon Greg Gus Hannah Harry Hassan Heather Helen Henry Hiroshi Holly Hugo Ian Igor Ingrid "
    "Irina Isaac Isabel Ivan Jacob Jaime Jake James Jamie Jan Jane Janet Jasmine Jason Javier Jean "
    "Jeff Jennifer Jenny Jeremy Jerry Jesse Jessica Jill Jim Jimmy Joan Joe Joel Johan John "
    "Johnny Jon Jonathan Jordan Jorge Jose Joseph Josh Joshua Juan Julia Julian Julie Karen Karim "
    "Karl Kate Katherine Kathy Katie Keith Kelly Ken Kenji Kevin Kim Kumar Kyle Lars Laura Lauren "
    "Lee Lena Leo Leon Leonard Li Liam Lily Linda Lisa Liu Liz Logan Louis Louise Luca Lucas Lucy "
    "Luis Luke Lynn Mahmoud Manuel Marco Marcus Margaret Maria Marie Mario Marta Martha Martin Mary "
    "Mateo Matt Matthew Maya Mei Melissa Mia Michael Michelle Miguel Mike Mohamed Mohammed Molly "
    "Monica Nadia Nancy Natalie Natasha Nathan Neha Neil Nicholas Nick Nicole Nikhil Nina Noah Nora "
    "Ola Oleg Oliver Olivia Omar Oscar Owen Pablo Pam Patricia Patrick Paul Paula Pavel Pedro Pete "
    "Peter Phil Philip Pierre Pradeep Priya Rachel Rahul Raj Rajesh Ralph Ravi Raymond Rebecca "
    "Ricardo Richard Rick Rita Rob Robert Roberto Robin Roger Ron Rosa Ross Russell Ryan Sally Sam "
    "Samantha Samir Samuel Sandra Sanjay Sara Sarah Scott Sean Sergei Shawn Simon Sofia Sonia "
    "Sophia Sophie Stefan Stephanie Stephen Steve Steven Sue Sunil Suresh Susan Sven Tanya Tara Ted "
    "Teresa Theo Thomas Tim Timothy Tina Todd Tom Tomas Tony Tracy Tyler Uma Vanessa Victor "
    "Victoria Vijay Vikram Vincent Vladimir Walter Wanda Wayne Wei Wendy William Xavier Yan Yuki "
    "Yusuf Zach Zara Zoe"
)
MENTION = r"(?<![\w/.@])@(?!here\b|channel\b|everyone\b|sha\d)[A-Za-z][\w.-]*\b(?!/)|<@[UW]\w+(?:\|[^>]*)?>"


def names(people: Iterable[str]) -> str:
    """A pattern for given names and for the names of the people who are known here."""
    known = {part for person in people for part in (person, *person.split()) if len(part) > 1}
    every = sorted({*GIVEN_NAMES.split(), *known}, key=len, reverse=True)
    listed = "|".join(re.escape(name) for name in every)
    return rf"(?-i:(?:{listed})(?: (?!Was|Had|Did|The)[A-Z][a-z]+)?)\b"


def person(people: Iterable[str]) -> str:
    """A pattern for somebody as a subject or an object: pronoun, role, team, name, mention."""
    role = (
        rf"(?:(?:the|an?|our|another|this|that|these|those|each|every|any|some|two|three|both|no"
        rf"|several|many|most|one of the|{POSSESSIVES})\s+)?"
        rf"(?:(?!(?:that|and|but|the|is|was|for|of|by|from|with)\b)"
        rf"[\w'/-]+\s+){{0,3}}?"
        rf"(?<![\w-])(?<!-)(?:{ROLES})(?![\w-]|'s)"
        rf"(?:\s+of\s+(?:the|this|that)\s+[\w-]+)?"
    )
    operator = r"(?:the|an|our|another)\s+(?:on-duty |duty |human |night )?operators?(?![\w-]|'s)"
    group = rf"(?-i:(?:{GROUPS})(?![\w-]|'s))(?:\s+team)?"
    return (
        rf"(?<![\w'-])(?:(?:{PRONOUNS})(?![\w'-])|{group}|{operator}|{names(people)}(?!'s)|{MENTION}"
        rf"|{role})"
    )
