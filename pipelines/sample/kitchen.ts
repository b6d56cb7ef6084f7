/** Restaurant reviews. */
import { type Grammar, list } from './grammar.ts';

export const kitchen: Grammar = {
  topic: 'kitchen',
  openings: [
    'We came to {Place} on {occasion} and left {mood}.',
    'I had walked past {Place} for years until {companion} talked me into going in last {day}.',
    '{Place} was {crowd} when we arrived, yet {staff} found us {seat} within {4..15} minutes.',
    'If you like {cuisine} cooking, {Place} is {verdict}.',
    'This was our {nth} visit to {Place} this year, and the kitchen still {habit}.',
    'We booked {seat} at {Place} for {companion} and need not have worried about a thing.',
    'Do not let the plain front of {Place} fool you, because what leaves the kitchen is {verdict}.',
    'After all the praise for {Place} I expected more than {a:fault} and {a:fault}.',
    'Lunch at {Place} on a wet {day} turned out to be {verdict}.',
    '{companion} and I shared five plates at {Place}, and only one of them was {bad}.',
    'The {cuisine} menu at {Place} is short, changes with the market and {menu}.',
    'I wanted to love {Place}, but our dinner there last {day} was {bad} from start to finish.',
    'A friend who cooks for a living sent us to {Place} and told us to order the {dish}.',
    '{Place} has changed hands, and the new owners cook {cuisine} food that is {good}.',
    'Came for the {dish} that everybody talks about, stayed at {Place} for the {dessert}.',
    'There are {20..48} seats at {Place}, one chef, and a blackboard that {menu}.',
    'We had an early table at {Place} before the theatre and {staff} got us out in time.',
    'Sunday lunch at {Place} has become a habit of ours, mostly because of the {dish}.',
    'My expectations of {Place} were low after the refit, and I am glad to be wrong.',
    'It took us three tries to get a table at {Place}, so hopes were high on {occasion}.',
  ],
  middles: [
    'The {dish} came {doneness}, with {side} that tasted of {taste}.',
    'I had the {dish}, which was {good}, and {companion} had the {dish}, which was {bad}.',
    'For a starter we split the {starter}, {good} and gone in a minute.',
    'The bread is baked in the house and served warm with {spread}, which {companion} finished.',
    '{staff} knew every bottle on the list and poured us {a:drink} that suited the {dish} well.',
    'Portions are {portion}, so leave room for the {dessert}.',
    'The sauce was {bad}, more {taste} than anything else, and I left half of it.',
    'Our only complaint is {a:fault}, which {staff} took off the bill without being asked.',
    'The {starter} needed salt, and the {side} arrived after we had finished the meat.',
    'They grill over {wood}, and you taste the smoke in the {dish} and even in the {side}.',
    'What stayed with me was the plate of {side}, {good}, with a hint of {taste}.',
    'We waited {25..55} minutes between courses, and nobody came to explain why.',
    'A plate of {side} costs {6..9} pounds extra, which felt mean next to a {24..38} pound main.',
    'The {dessert} was {good}, not too sweet, with {taste} in the cream.',
    'Ask {staff} for the {drink}, since it is not on the printed list.',
    'The room is {room}, so bring {companion} and not a business partner.',
    'The crust was {texture}, the filling {good}, and the {side} on the side crisp and cold.',
    '{companion}, who never finishes anything, wiped the plate of {dish} clean with bread.',
    'The {dish} looked splendid but was {bad}, as if it had waited too long under the lamp.',
    'They make the pasta fresh each morning and dress it with {taste}, {taste} and little else.',
    'Vegetarians get more than an afterthought here, and the {veg} was better than the {dish}.',
    'The fish of the day was {fish}, {doneness}, on a bed of {side}.',
    '{staff} forgot our {drink} twice and then brought it with the coffee.',
    'For {22..35} pounds the set menu gives you the {starter}, the {dish} and {a:dessert}.',
    'I would come back for the {starter} alone, {texture} outside and soft within.',
    'The broth had clearly simmered for hours and carried {taste} and {taste} all the way through.',
    'Coffee was {bad}, a strange ending to a meal that had been {good} until then.',
    'They were happy to swap the {side} for {side} without nuts, and {staff} checked twice.',
    'The {veg} came in a hot iron pan, {texture} at the edges and full of {taste}.',
    'Only the {dessert} let the kitchen down, {bad} and straight from the fridge.',
    'You can watch the cooks through the hatch, plating {fish} and {side} with tweezers while the grill spits.',
    'Our children had half portions of the {dish} and asked for the {dessert} before they were done.',
  ],
  closings: [
    'We will be back with {companion} before the {dish} leaves the menu.',
    'Worth the detour, though not on a {day} night, when it is {crowd}.',
    'Book ahead and ask for {seat}.',
    'I paid {38..74} pounds a head with wine and thought it {fair}.',
    'Next time I would skip the {starter} and order two rounds of {side}.',
    'Service was {service}, the room {crowd}, and we tipped accordingly.',
    'Sadly I cannot send {companion} there until they sort out the {dish}.',
    'All in all {a:rating} evening, and the {drink} helped.',
    'They deserve a full house on a {day} too, if only for the {starter}.',
    'If the chef reads this, please bring back the {dish}.',
    'I have already told {companion} to go and try the {veg}.',
    'Good {cuisine} cooking, {service} service, and a bill that was {fair}.',
    'Go hungry, order the {dish}, and thank me later.',
    'Once was enough for {companion} and me.',
  ],
  slots: {
    Place:
      list(`the Copper Ladle|Nonna Ottavia|Saltmarsh|the Blue Heron|Kumquat|Harbour and Rye|Little Tbilisi|
      Pepper Lane|the Quiet Goose|Casa Marisol|Juniper House|Table Nineteen|the Millstone|Orzo|Amber and Ash|
      Madame Lin|the Lemon Yard|Bistro Valentin|Saffron Corner|the Old Cannery|Two Sparrows|Fig and Fennel`),
    occasion:
      list(`our anniversary|a rainy Tuesday|a whim|New Year's Eve|our last night in town|a busy Friday|
      my father's seventieth|the first warm evening of spring|a cold Sunday|payday`),
    mood: list(`happy and far too full|hungry|planning the next visit|quietly disappointed|smelling of smoke and garlic|
      with a box of leftovers|poorer but delighted|in no hurry to return|humming`),
    companion:
      list(`my sister|my mother-in-law|a colleague from Lyon|my husband|our neighbour Ines|an old flatmate|
      my vegan cousin|my grandson|a friend who hates fuss|my partner|my aunt from Trieste`),
    day: list('Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday'),
    crowd: list('packed to the door|half empty|loud and merry|heaving|calm for a Saturday|full of regulars'),
    staff: list(`our waiter|the young woman at the bar|the owner|a cheerful lad from Galway|the sommelier|
      the head waiter|our waitress|the chef herself`),
    seat: list(`a table by the window|two stools at the counter|the corner booth|a table in the courtyard|
      the long table upstairs|a spot near the oven|a seat at the pass`),
    cuisine:
      list(`Georgian|Sicilian|Basque|Lebanese|Sichuan|Keralan|Breton|Persian|Oaxacan|Polish|Vietnamese|Greek|
      Cornish|Japanese|Tuscan|Moroccan`),
    verdict: list(`well worth the walk|a safe bet|the best in town by some distance|hard to beat at the price|
      a small revelation|all charm and no seasoning|proof that simple food wins|not what it used to be`),
    nth: list('second|third|fourth|fifth|sixth'),
    habit: list(`gets the basics right|surprises us|cooks with too much salt|treats vegetables with respect|
      refuses to follow fashion|burns the garlic|knows when to stop|is at its best with fish`),
    menu: list(`leans on offal|reads like a poem|rewards the curious|runs out of the good things by eight|
      is kind to vegetarians|never repeats itself|names the farm behind each plate`),
    dish: list(`braised lamb shoulder|mushroom risotto|duck confit|beef short rib|seafood linguine|pork belly|
      chicken tagine|aubergine parmigiana|oxtail stew|lobster roll|roast guinea fowl|venison pie|saffron paella|
      rabbit ragu|steak with peppercorns|mutton curry|veal schnitzel|pumpkin gnocchi|suckling pig|goat biryani|
      bouillabaisse|stuffed cabbage|flank steak|moussaka|chicken schnitzel|beef tartare`),
    starter:
      list(`burrata with peaches|octopus salad|leek tart|salt cod fritters|beetroot carpaccio|pork dumplings|
      onion soup|chicken liver parfait|smoked eel toast|courgette flowers|crab cakes|lentil soup|prawn skewers`),
    veg: list(`roast cauliflower|stuffed pepper|baked celeriac|artichoke gratin|spinach pie|chickpea stew|
      aubergine with miso|white bean cassoulet|butternut curry|grilled halloumi`),
    fish: list(
      'turbot|sea bream|hake|mackerel|skate|red mullet|monkfish|sardines|brill|wild salmon|John Dory',
    ),
    side: list(`buttered greens|rosemary potatoes|braised leeks|pickled cucumber|creamed spinach|charred broccoli|
      saffron rice|fried polenta|roast carrots|green lentils|shaved fennel|tomato salad|triple-cooked chips|
      white beans|wilted chard`),
    dessert:
      list(`lemon tart|tiramisu|almond cake|rice pudding|pistachio ice cream|plum crumble|chocolate mousse|
      burnt custard|quince sorbet|honey cake|treacle pudding|poached pear|apple strudel|panna cotta`),
    drink:
      list(`dry cider|glass of Assyrtiko|barrel-aged negroni|bottle of Rioja|cloudy pale ale|sour cherry cordial|
      glass of Riesling|mint tea|carafe of house red|pot of jasmine tea|smoky mezcal|sherry`),
    taste:
      list(`brown butter|lemon and thyme|burnt sugar|garlic|tarragon|black pepper|cumin and honey|anchovy|
      orange peel|smoked paprika|sage|capers|ginger|vinegar|fresh dill|nutmeg|rosemary|chilli`),
    spread:
      list(`salted butter|a dish of green olive oil|whipped goat curd|dripping and sea salt|smoked butter|
      a pot of hummus|chicken fat and thyme`),
    good: list(`tender and deeply savoury|bright and well seasoned|rich without being heavy|perfectly judged|
      crisp, light and fragrant|generous and full of flavour|quite the best I have eaten|silky and delicate|
      simple and honest`),
    bad: list(`lukewarm and bland|overcooked|greasy|dry at the edges|far too salty|watery|tough as a boot|cloying|
      under-seasoned|burnt on one side|heavy-handed`),
    doneness: list(`cooked to the minute|a shade overdone|piping hot|still spluttering|barely warm|
      on a hot iron plate|just as I like it|in a dish big enough for two|glossy with juices`),
    texture: list('crisp|flaky|golden|blistered|crunchy|caramelised|lacy|chewy'),
    portion: list('generous|small but rich|meant for sharing|huge|on the modest side|sensible'),
    wood: list('oak|vine cuttings|charcoal|apple wood|birch embers'),
    room: list(`loud and candlelit|bare and bright|small enough to hear every table|warm and a little shabby|
      all tiles and mirrors|dark, low and cosy`),
    fault: list(`cold plate|hair in the soup|forty-minute wait|corked bottle|wobbly table|surly greeting|
      missing side dish|wrong order|service charge nobody mentioned`),
    service: list('quick and kind|slow but charming|brisk|attentive|absent-minded|warm|faultless'),
    fair: list('fair|steep|a bargain|about right|money well spent|too much for what it was'),
    rating: list('lovely|uneven|memorable|pleasant|delicious|forgettable|joyful'),
  },
};
