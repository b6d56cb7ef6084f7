/** Weather bulletins for the sea and the mountains. */
import { type Grammar, list } from './grammar.ts';

export const weather: Grammar = {
  topic: 'weather',
  openings: [
    'Gale warning for {Sea}: {wind} force {6..7} increasing {8..9} by {time}, sea state {sea}.',
    'Synopsis at {00..23}00: low {area} {970..995} hectopascals moving {track}, expected {area} by {time}.',
    'High pressure of {1024..1038} hectopascals {area} holds until {time}, with light winds over {Sea}.',
    'Avalanche bulletin for {Range}: danger level {2..4} above {18..26}00 metres, level {1..2} below.',
    'Mountain forecast for {Range}, valid from {time}: {sky}, freezing level near {9..29}00 metres.',
    'Inshore waters of {Sea}: {wind} {3..5}, occasionally {6..7} near headlands, {visibility} visibility.',
    'A cold front crosses {Sea} {when} and reaches {Range} some {5..11} hours later.',
    'Small craft advisory for {Sea} from {time}: {wind} {22..33} knots, seas {2..4} metres and steep.',
    'Warm front over {Range} {when} with {precip}, snow line rising from {7..12}00 to {15..21}00 metres.',
    'Fog warning for {Sea}: banks forming {when}, visibility at times below {2..9} hundred metres.',
    'Storm warning for {Range}: gusts of {90..145} kilometres an hour on exposed ridges by {time}.',
    'Outlook for {Sea} until {time}: {wind} {4..6}, {precip}, swell {2..4} metres from the {quarter}.',
    'The ridge over {Range} weakens {when} as a trough approaches from the {quarter}.',
    'Buoy report from {Sea} at {00..23}{10..50} hours: wind {wind} {12..38} knots, pressure {990..1029} and {trend}.',
    'Thunderstorm risk for {Range} rises {when}, first cells expected over the {quarter}ern slopes.',
    'Ice accretion warning for {Sea}: air {4..9} degrees below zero with {wind} {7..8} and heavy spray.',
  ],
  middles: [
    'Wind {wind} {3..4}, veering {quarter}erly and increasing {5..7} {when}.',
    'Wave height {1..3} to {4..6} metres, period {6..13} seconds, swell from the {quarter}.',
    'Visibility {visibility}, falling off in {precip} {when}.',
    'The barometer has fallen {3..9} hectopascals in {3..6} hours and is {trend}.',
    'Snowfall of {5..35} centimetres is expected above {14..22}00 metres, drifting on {quarter}erly slopes.',
    'Temperatures at {15..25}00 metres lie between minus {3..12} and plus {1..5} degrees.',
    'Gusts reach {60..110} kilometres an hour on the crests, and cable cars may close {when}.',
    '{sky}, with a cloud base between {5..9}00 and {10..19}00 metres.',
    'Overnight the wind backs {quarter}erly and eases to force {2..4}, sea becoming {sea}.',
    'The snowpack is {snowpack}, and a single skier can trigger a slab on slopes steeper than {30..38} degrees.',
    'Old snow below {17..23}00 metres is {snowpack} after a clear night.',
    'The {quarter}erly swell runs against the ebb {when} and will break across the bar.',
    'Sunshine returns behind the front, with scattered {precip} {area}.',
    'The freezing level drops from {22..29}00 to {9..16}00 metres {when}, turning rain to snow.',
    'Lightning is likely near the {quarter}ern ridges, so tours should end before {12..15} hundred hours.',
    'Sea temperature {6..17} degrees, air {3..19}, relative humidity {62..98} percent.',
    'Tidal streams set {quarter} at {1..4} knots, strongest two hours before high water.',
    'In the lee of {Range} a foehn sets in {when}, with dry air and gusts in the valleys.',
    'Confidence is {confidence}; the models still differ on whether the low passes {area}.',
    'Showers turn wintry over the {quarter}ern massif, with hail and little to see.',
    'Cloud thickens from the {quarter}, followed by {precip} {when}.',
    'Wet snow avalanches are possible on {quarter}erly slopes once the sun reaches them.',
    'A secondary low may form {area}, which would delay the easing until {time}.',
    'The gradient slackens {when}, leaving variable airs and patches of sea fog.',
    'Black ice is likely {when} on passes above {8..15}00 metres where roads stay wet.',
    'Spring tides of {4..7} metres coincide with the surge, so low quays may flood {when}.',
    'Wind chill on the summits equals minus {14..29} degrees.',
    'Dew point and sea temperature are nearly equal, hence the fog persists until {time}.',
    'Rainfall totals of {20..75} millimetres are expected on windward slopes, with rivers {trend}.',
    'Between {Sea} and the coast the wind funnels to force {7..9} through the narrows.',
    'Stratus fills the valleys up to {7..13}00 metres, with brilliant sun above {Range}.',
    'Sea state {sea}, locally {sea} where wind and current oppose each other.',
    'Pressure differences across the main crest reach {6..12} hectopascals by {time}.',
    'Drizzle and {visibility} visibility persist along the {quarter}ern shore.',
  ],
  closings: [
    'Next bulletin at {00..23}00 hours.',
    'Further outlook: {sky}, winds {breeze}.',
    'Mariners are advised to remain in harbour until the front has passed {Sea}.',
    'Tours on {quarter}erly slopes of {Range} demand experience in the assessment of snow.',
    'Outlook for the following day: {wind} {2..5}, {precip}.',
    'The warning remains in force until {time}.',
    'Confidence in this forecast for {Sea} is {confidence}.',
    'Small boats should seek shelter before {time}.',
    'Huts above {20..27}00 metres report {10..90} centimetres of new snow.',
    'An improvement is not expected before {time}.',
    'Sunrise {05..08}:{00..59}, high water {00..12}:{00..59}, height {3..6} decimal {0..9} metres.',
    'The danger decreases {when} as the snow settles on {quarter}erly slopes.',
  ],
  slots: {
    Sea: list(`the Skerry Banks|Northern Reach|the Amber Gulf|Cape Hollow|the Western Approaches|Gannet Sound|
      the Inner Bight|Storm Bay|Eider Deep|the Straits of Maren|Kelp Point|the Grey Shelf|Lantern Head|
      Outer Ness|the Pilot Grounds|Sable Roads`),
    Range:
      list(`the Upper Kar Alps|the Sorrel Range|the Northern Limestone Chain|Mount Averin|the Glass Peaks|
      the Tamarack Massif|the High Corries|the Southern Crest|the Vale of Orn|the Wolf Ridges|the Eastern Tors|
      the Marble Heights|the Long Traverse`),
    area: list(`west of Lantern Head|over the Grey Shelf|south of Gannet Sound|near the Amber Gulf|east of Cape Hollow|
      off the northern coast|over the central basin|north of the main crest`),
    wind: list(`northerly|northeasterly|easterly|southeasterly|southerly|southwesterly|westerly|northwesterly|
      variable|cyclonic`),
    quarter: list('north|northeast|east|southeast|south|southwest|west|northwest'),
    track: list(
      'northeast, deepening|east, filling|slowly north|southeast at 25 knots|rapidly east|northwest, losing its identity',
    ),
    time: list(`midnight|dawn|midday|late afternoon|early evening|Thursday morning|Friday night|the weekend|
      Sunday evening|sunset|tomorrow noon|the early hours|mid-morning`),
    when: list(`around midnight|at dawn|towards midday|in the late afternoon|during the evening|on Thursday morning|
      on Friday night|at the weekend|after sunset|overnight|in the early hours|by mid-morning|within a few hours`),
    sea: list('smooth|slight|moderate|rough|very rough|high|confused|moderate to rough'),
    breeze: list('easing|light|freshening|variable|strong again by night|soft and onshore|dying away'),
    sky: list(`broken cloud with bright spells|overcast|clear and cold|high cirrus spreading from the west|
      mainly cloudy|cloudless above the haze|shallow cumulus by day|grey with a low ceiling`),
    visibility: list('good|moderate|poor|very poor|moderate or poor|mainly good'),
    precip:
      list(`squally showers|light rain|heavy rain|sleet|snow flurries|drizzle|thundery showers|freezing rain|
      rain at times|hail|intermittent snow|mist patches`),
    trend: list(
      'falling|falling more slowly|steady|rising slowly|rising|falling quickly|easing|rising sharply',
    ),
    snowpack: list(`wind-loaded and brittle|moist throughout|weak at the base|well bonded|crusted and hard|
      poorly layered|refrozen|loose and dry`),
    confidence: list('high|low|moderate|fair until Friday, then low|better than yesterday'),
  },
};
