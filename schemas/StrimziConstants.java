import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/**
 * Prints the constants of Strimzi's API classes that tell which settings users may not touch.
 *
 * <p>One line for each: class as given, name and value, separated by tabs. A class that the release
 * does not have has none.
 */
public final class StrimziConstants {
    private StrimziConstants() {
    }

    public static void main(String[] classes) throws ReflectiveOperationException {
        for (String name : classes) {
            try {
                print(name, Class.forName(name).getDeclaredFields());
            } catch (ClassNotFoundException ofAnotherRelease) {
                continue;
            }
        }
    }

    private static void print(String name, Field[] fields) throws IllegalAccessException {
        for (Field field : fields) {
            String constant = field.getName();
            boolean isStatic = Modifier.isStatic(field.getModifiers());
            if (isStatic && constant.matches("(ALLOWED|FORBIDDEN)_.*")) {
                System.out.println(name + "\t" + constant + "\t" + field.get(null));
            }
        }
    }
}
