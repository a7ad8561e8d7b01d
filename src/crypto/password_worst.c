/* The list. It was put together by hand, from what the published lists of leaked passwords have in common. */
#include "password_worst.h"

#include <stddef.h>

// clang-format off
const char *const password_worst[] = {
	"0123456789a", "0987654321", "0987654321a", "1020304050", "1029384756", "1111111112", "1123581321", "1212121212",
	"1231231231", "123123123123", "123321123321", "1234512345", "1234554321", "123456123456", "12345654321",
	"12345678900", "1234567890a", "1234567890q", "1234567891", "12345678910", "12345678987654321", "1234567899",
	"123456789a", "123456789q", "123456789qwe", "123456789z", "1234qwerasdf", "1472583690", "147258369a", "1q2w3e4r5t",
	"1q2w3e4r5t6y", "1qaz2wsx3edc", "2718281828", "3141592653", "3141592654", "5555555555a", "6969696969",
	"7777777777a", "9876543210", "987654321a", "a123456789", "a1b2c3d4e5", "aa12345678", "aa123456789", "abc1234567",
	"abcd123456", "abcde12345", "abcdef1234", "abcdefg123", "abcdefgh12", "abcdefghij1", "admin12345", "admin123456",
	"admin@1234", "adminadmin", "adminadmin1", "administrator", "andrew1234", "anthony123", "apple12345", "arsenal123",
	"asd123456789", "asdf123456", "asdfasdfasdf", "asdfghjkl1", "asdfghjkl123", "ashley1234", "asshole123",
	"autumn2024", "autumn2025", "autumn2026", "babygirl12", "babygirl123", "barcelona1", "barcelona123", "baseball123",
	"basketball", "basketball1", "basketball123", "batman1234", "blessed123", "blink182blink", "bullshit123",
	"butterfly1", "butterfly123", "champions1", "changeme123", "changeme1234", "charlie123", "cheesecake", "chelsea123",
	"chocolate1", "chocolate123", "christmas1", "christmas123", "cinderella", "cinderella1", "computer123",
	"contrasena123", "correcthorsebatterystaple", "counterstrike", "daniel1234", "december2025", "default123",
	"dragon1234", "facebook123", "football123", "forever123", "friday1234", "fuckoff123", "fuckyou123", "fuckyou1234",
	"godisgood1", "goodmorning1", "google1234", "guest12345", "halloween1", "hello12345", "hello123456", "hellohello",
	"hellohello1", "helloworld", "helloworld1", "ilovegod12", "ilovejesus", "ilovemyself", "iloveyou!!", "iloveyou12",
	"iloveyou123", "iloveyou1234", "instagram1", "internet123", "january2026", "jennifer123", "jessica123",
	"jesus12345", "jesuschrist", "jesusislord", "jordan2323", "joshua1234", "juventus123", "letmein123", "letmein1234",
	"letmeinnow", "linkedin123", "liverpool1", "liverpool123", "manchester", "manchester1", "manchesterunited",
	"master1234", "matthew123", "michael123", "michelle123", "microsoft1", "microsoft123", "minecraft1", "minecraft123",
	"monday1234", "monkey1234", "motdepasse123", "motorcycle", "mypassword", "mypassword1", "mypassword123",
	"newpassword", "newpassword1", "nicole1234", "nintendo123", "nopassword", "oldpassword", "opensesame1",
	"opensesame123", "p@ssw0rd123", "p@ssw0rd1234", "p@ssword123", "passw0rd123", "password01", "password02",
	"password1!", "password10", "password11", "password12", "password123", "password123!", "password1234",
	"password12345", "passwordone", "passwordpassword", "passwort123", "playstation", "playstation1", "pokemon123",
	"princess123", "q1w2e3r4t5", "q1w2e3r4t5y6", "qazwsxedc123", "qazwsxedcrfv", "qwerasdfzxcv", "qwerty1234",
	"qwerty12345", "qwerty123456", "qwertyuiop", "qwertyuiop1", "qwertyuiop123", "realmadrid", "realmadrid1",
	"rootrootroot", "samsung123", "scoobydoo1", "secret1234", "secret12345", "shadow1234", "skateboard", "skateboard1",
	"spongebob1", "spongebob123", "spring2024", "spring2025", "spring2026", "starwars123", "strawberry", "strawberry1",
	"summer2023", "summer2024", "summer2025", "summer2026", "sunshine123", "superman123", "sweetheart", "sweetheart1",
	"temp123456", "tenantd123", "tenantd1234", "tenantdtenantd", "test123456", "testing123", "testtest12",
	"testtesttest", "thankyou123", "thisismypassword", "tinkerbell", "tinkerbell1", "trustno1234", "volleyball",
	"volleyball1", "watermelon1", "welcome123", "welcome1234", "welcome2023", "welcome2024", "welcome2025",
	"welcome2026", "whatever123", "windows123", "winter2023", "winter2024", "winter2025", "winter2026", "yourpassword",
	"zaq12wsxcde3", "zaq1xsw2cde3", "zxcvbnm123",
	NULL
};
// clang-format on
