"""Words that carry no subject: function words, greetings and thanks, and what people write around a complaint.

Function words never become features: with a whole survey answer as the unit they outweigh the subject. Negations are
kept ("not", "no", "never", "didn't"): in a pair such as "not working" they are the point.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    """not no never none nothing neither nor cannot can't couldn't didn't doesn't don't hadn't hasn't haven't isn't
    wasn't weren't won't wouldn't shouldn't ain't aren't cant couldnt didnt doesnt dont hasnt havent isnt wasnt wont
    wouldnt n't without"""
)

# Determiners, pronouns, prepositions, conjunctions, auxiliaries and the fillers of ordinary speech.
FUNCTION_WORDS = _words(
    """a an the this that these those each every either some any all both such same other another own
    i me my mine myself we us our ours ourselves you your yours yourself yourselves u ur he him his himself she her hers
    herself it its itself they them their theirs themselves one ones someone anyone everyone somebody anybody everybody
    something anything everything who whom whose which what whatever whichever where when why how there here
    of in on at by for from to into onto with within about against between among through during before after above
    below over under up down out off across around along behind beside besides beyond near per since than till until
    toward towards upon via as like
    and or but nor so yet if then else because although though while whereas unless whether
    am is are was were be been being have has had having do does did doing done will would shall should can could may
    might must ought need to let lets let's
    i'm i've i'd i'll im ive id ill you're you've you'd you'll youre he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll theyre that's thats there's theres here's what's whats who's
    where's how's
    s t d m re ve ll y
    just very really quite too also only even still again ever already almost always often sometimes maybe perhaps
    actually basically literally simply much many more most less least few little lot lots bit rather pretty
    now today well ok okay oh etc eg ie e g
    get gets got getting gotten go goes going went gone make makes made making want wants wanted
    say says said know knew think thought see seen saw look looks looked seem seems seemed
    thing things way ways time times im gonna amp rt"""
)

GREETINGS = _words(
    """hi hello hey dear sir madam good morning afternoon evening thanks thank thankyou thx cheers regards sincerely
    kind yours faithfully best wishes please pls plz sorry welcome bye team all everyone signed sent iphone android
    guys folks love appreciate appreciated ta ok yes yeah yep no nope na nil none nothing comment comments"""
)

# How people feel, not about what. A group made of these restates the score and explains nothing.
SENTIMENT = _words(
    """good great excellent amazing awesome fantastic wonderful brilliant superb perfect lovely nice best better fine
    happy pleased satisfied glad love loved loves like liked enjoy enjoyed impressed fab outstanding positive
    bad worse worst awful terrible horrible horrendous horrific appalling atrocious dreadful shocking disgusting
    disgraceful disgusted pathetic poor useless rubbish crap shit sucks suck sucked joke ridiculous unacceptable
    hate hated angry annoyed annoying upset frustrated frustrating furious disappointed disappointing disappointment
    unhappy dissatisfied fail failed nightmare shame shameful stupid fuck fucking damn wtf smh ugh lol haha wow
    absolutely highly totally completely extremely utterly so such experience overall never"""
)

# What follows serves to cut clauses out of sentences, and to tell which of them could stand as a name.

# Words between two statements: they belong to neither.
BETWEEN = _words("and but or so because which although though while however whereas nor plus")

# Clauses that open with these depend on another one, and say little alone.
DEPENDENT = _words(
    """if when whenever unless until once after before as than that who whom whose where why how what whether despite
    due instead rather including especially even like such with without for to of in on at by from into about"""
)

PREPOSITIONS = _words(
    "since before after as than with without for to of in on at by from into about due despite until like"
)

FILLERS = _words(
    """well ok okay oh honestly really actually basically literally just unfortunately sadly still again maybe perhaps
    now today yes please pls hi hello dear sorry seriously finally overall apparently obviously personally
    generally clearly frankly ugh lol wow omg hey so very"""
)

# A run of words out of a longer clause reads whole when it opens with one of these.
OPENINGS = _words(
    """the my your our their a an no nobody nothing never not cannot can't couldn't won't wouldn't doesn't don't didn't
    i i'm i've we you they he she it too still"""
)

POINTING = _words("it this that they he she these those there its it's that's he's she's they're")

VERBS = _words(
    """is isn't are aren't was wasn't were weren't be been being am has hasn't have haven't had hadn't do don't does
    doesn't did didn't can can't cannot could couldn't will won't would wouldn't should shouldn't must need needs
    never not keeps keep gets get got takes take took makes make made goes go went comes came says said told
    i'm i've it's they're we're there's"""
)

# A name doesn't end with these: something is missing behind them.
ENDINGS = _words(
    """the a an my your our their his her its this that these those of to in on at by for from with into about than as
    and or but so because which who if when while very too more most is are was were be been am has have had do does
    did can could will would should must not no i we they he she it you any every each just really quite even only
    after before since until when where how what if it's i'm that's there's don't didn't doesn't isn't wasn't won't
    can't couldn't"""
)
